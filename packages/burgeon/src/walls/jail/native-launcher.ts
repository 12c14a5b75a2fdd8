import { closeSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dlopen, getRawPointer } from 'node:ffi';

/** What the launcher of the native driver does to itself before it becomes the program. It comes as JSON through descriptor 3. */
export interface LaunchPlan {
  command: string;
  args: string[];
  env: Record<string, string>;
  /** Number of the process that must still be our parent. */
  parent: number;
  /** Numbers of the system calls that it makes. */
  calls: Record<
    'prlimit64' | 'capset' | 'seccomp' | 'landlock_create_ruleset' | 'landlock_add_rule' | 'landlock_restrict_self',
    number
  >;
  /** Files to write our number into. */
  enter: string[];
  /** Bounds by the number of the resource, see prlimit(2). */
  limits: [resource: number, bound: number][];
  /** Whom to become, without any privilege; only root can. `search`: it keeps the right to read what is another's. */
  identity?: { id: number; search: boolean };
  /** Files by what may be done; the rest is out of reach. */
  files?: Record<'read' | 'run' | 'use' | 'change', string[]>;
  /** What else Landlock keeps from crossing its border. */
  holds: { network: boolean; signals: boolean };
  /** Filter of system calls, base64. */
  filter?: string;
}

type Word = number | bigint;

const { functions: libc } = dlopen(null, {
  syscall: { arguments: ['int64', 'int64', 'int64', 'int64', 'int64'], return: 'int64' },
  prctl: { arguments: ['int32', 'int64', 'int64', 'int64', 'int64'], return: 'int32' },
  signal: { arguments: ['int32', 'int64'], return: 'int64' },
});

const call = (number: Word, ...[a = 0, b = 0, c = 0, d = 0]: Word[]): number =>
  Number(libc.syscall(BigInt(number), BigInt(a), BigInt(b), BigInt(c), BigInt(d)));

const control = (option: number, ...[a = 0, b = 0]: Word[]): number => libc.prctl(option, BigInt(a), BigInt(b), 0n, 0n);

/** Nothing goes on half-walled: the reason is read by whoever reads the program's complaints. */
const stop = (what: string): never => {
  writeFileSync(2, `jail: the kernel refuses ${what}\n`);
  process.exit(126);
};

const must = (what: string, result: number): number => (result < 0 ? stop(what) : result);

const held: Uint8Array[] = [];

/** Where bytes are. They stay there: what the kernel is shown must not be collected meanwhile. */
const placeOf = (bytes: Uint8Array): bigint => {
  held.push(bytes);
  return getRawPointer(bytes);
};

/** Where 64-bit words are, as the kernel reads them. */
const words = (...values: Word[]): bigint => placeOf(new Uint8Array(BigUint64Array.from(values, BigInt).buffer));

// linux/prctl.h
const [setDeathSignal, keepCapabilities, dropBounding, setNoNewPrivileges, ambient, raise] = [1, 8, 24, 38, 47, 2];
// linux/capability.h: CAP_DAC_READ_SEARCH, more than there are, and the version of the structures of capset(2).
const [searchRight, capabilities, capabilityVersion] = [2, 64, 0x20080522];

const become = (plan: LaunchPlan, { id, search }: { id: number; search: boolean }): void => {
  const kept = search ? 1 << searchRight : 0;
  for (let right = 0; right < capabilities; right++) if (!search || right !== searchRight) control(dropBounding, right);
  must('to keep a right', control(keepCapabilities, 1));
  process.setgroups?.([]);
  process.setgid?.(id);
  process.setuid?.(id);
  const sets = placeOf(new Uint8Array(Uint32Array.of(kept, kept, kept, 0, 0, 0).buffer));
  must('to drop privileges', call(plan.calls.capset, words(capabilityVersion), sets));
  if (search) must('to pass a right on', control(ambient, raise, searchRight));
};

// linux/landlock.h. Rights on files by version of the interface: truncation since 3, devices since 5.
const fileRights = [0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff];
const [run, write, read, list, truncate, device] = [1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15];
const rightsOnOneFile = run | write | read | truncate | device;
const rightsOf = { read: read | list, run: run | read | list, use: read | write | device, change: 0xffff & ~run };
const [bindAndConnect, abstractSockets, signals] = [0b11, 0b01, 0b10];
const [askVersion, beneathPath, onlyPath] = [1, 1, 0o10000000];

const restrictFiles = ({ calls, files, holds }: LaunchPlan): void => {
  const version = call(calls.landlock_create_ruleset, 0, 0, askVersion);
  const handled = files ? (fileRights[version] ?? fileRights.at(-1) ?? 0) : 0;
  if (version < 1) return files ? stop('Landlock') : undefined;
  const network = holds.network && version >= 4 ? bindAndConnect : 0;
  const scopes = version < 6 ? 0 : (holds.network ? abstractSockets : 0) | (holds.signals ? signals : 0);
  if (!handled && !network && !scopes) return;
  const size = version < 4 ? 8 : version < 6 ? 16 : 24;
  const attributes = words(handled, network, scopes);
  const ruleset = must('a set of rules', call(calls.landlock_create_ruleset, attributes, size, 0));
  for (const [kind, paths] of Object.entries(files ?? {}) as [keyof typeof rightsOf, string[]][])
    for (const path of paths) {
      const file = openSync(path, onlyPath);
      const allowed = rightsOf[kind] & handled & (fstatSync(file).isDirectory() ? ~0 : rightsOnOneFile);
      // struct landlock_path_beneath_attr is packed: 64 bits of rights, 32 of the descriptor; what follows is not read.
      const rule = words(allowed, file);
      must(`a rule for ${path}`, call(calls.landlock_add_rule, ruleset, beneathPath, rule, 0));
      closeSync(file);
    }
  must('to be restricted', call(calls.landlock_restrict_self, ruleset, 0));
};

// linux/seccomp.h: SECCOMP_SET_MODE_FILTER.
const setFilter = 1;

const filterCalls = ({ calls, filter }: LaunchPlan): void => {
  if (filter === undefined) return;
  const instructions = Buffer.from(filter, 'base64');
  const program = words(instructions.length / 8, placeOf(instructions));
  must('a filter', call(calls.seccomp, setFilter, 0, program));
};

const plan = JSON.parse(readFileSync(3, 'utf8')) as LaunchPlan;
closeSync(3);
for (const file of plan.enter) writeFileSync(file, String(process.pid));
if (plan.identity) become(plan, plan.identity);
must('a signal', control(setDeathSignal, 9));
if (process.ppid !== plan.parent) process.exit(126);
must('to give up privileges', control(setNoNewPrivileges, 1));
restrictFiles(plan);
for (const [resource, bound] of plan.limits) must('a limit', call(plan.calls.prlimit64, 0, resource, words(bound, bound), 0));
// Node ignores these two, and a program inherits what is ignored: SIGPIPE, SIGXFSZ.
const [brokenPipe, fileTooLarge] = [13, 25];
for (const ignored of [brokenPipe, fileTooLarge]) libc.signal(ignored, 0n);
filterCalls(plan);
try {
  process.execve?.(plan.command, [plan.command, ...plan.args], plan.env);
} catch (error) {
  stop(`to run ${plan.command}: ${(error as Error).message}`);
}
