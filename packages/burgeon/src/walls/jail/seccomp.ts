import { endianness } from 'node:os';
import {
  type CallTable,
  intrudingCalls,
  judgedCalls,
  kernelCalls,
  metadataCalls,
  mountingCalls,
  networkCalls,
  newestCall,
  startingCalls,
} from './system-calls.ts';

/** Which system calls a filter refuses. */
export interface FilterRules {
  /** New processes, other processes, mounts, namespaces, and the parts of the kernel that an ordinary program does without. */
  system: boolean;
  /** Sockets of every family. */
  network: boolean;
  /** Changing or watching files without opening them. For a jail whose files are not mounted read-only. */
  metadata: boolean;
  /** The only process it may signal: its own number. For a jail that sees the processes outside. Default: the kernel's rules alone. */
  signalsOnly?: number;
}

/** Processor families that filters are written for. */
export type FilterArchitecture = 'x64' | 'arm64';

// linux/audit.h: AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64.
const architectureTokens: Record<FilterArchitecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };
const firstForeignCall = 0x40000000;

// linux/seccomp.h
const killProcess = 0x80000000;
const allow = 0x7fff0000;
const refuseWith = (errorNumber: number): number => 0x00050000 | errorNumber;
const [notPermitted, accessDenied, notImplemented] = [refuseWith(1), refuseWith(13), refuseWith(38)];

const cloneThread = 0x00010000;
const [unixFamily, streamSocket, socketKinds] = [1, 1, 0xf];
const setParentDeathSignal = 1;
// asm-generic/ioctls.h: TIOCSTI types into a terminal, TIOCLINUX pastes into a console.
const terminalInjection = [0x5412, 0x541c];

/** One instruction of classic BPF: code, jump if true, jump if false, operand. */
type Instruction = readonly [code: number, yes: number, no: number, operand: number];

const load = (offset: number): Instruction => [0x20, 0, 0, offset];
const jumpIfEqual = (value: number, yes: number, no: number): Instruction => [0x15, yes, no, value];
const jumpIfAtLeast = (value: number, yes: number, no: number): Instruction => [0x35, yes, no, value];
const jumpIfAnyBit = (bits: number, yes: number, no: number): Instruction => [0x45, yes, no, bits];
const keepBits = (bits: number): Instruction => [0x54, 0, 0, bits];
const answer = (action: number): Instruction => [0x06, 0, 0, action];

// struct seccomp_data: nr, arch, instruction_pointer, args[6]; the low half of an argument comes first.
const loadCall = load(0);
const loadArchitecture = load(4);
const loadArgument = (index: number): Instruction => load(16 + 8 * index);

type Numbered = (name: keyof typeof judgedCalls) => number;

/** A body that answers in every case, reached by one call only. */
const judge = (call: number, body: readonly Instruction[]): Instruction[] => [jumpIfEqual(call, 0, body.length), ...body];

const refuse = (call: number, action: number): Instruction[] => judge(call, [answer(action)]);

const allowOnly = (argument: number, value: number, otherwise: number): Instruction[] => [
  loadArgument(argument),
  jumpIfEqual(value, 0, 1),
  answer(allow),
  answer(otherwise),
];

const refuseOnly = (argument: number, value: number): Instruction[] => [
  loadArgument(argument),
  jumpIfEqual(value, 0, 1),
  answer(notPermitted),
  answer(allow),
];

const systemRules = (number: Numbered): Instruction[] => [
  ...judge(number('clone'), [loadArgument(0), jumpIfAnyBit(cloneThread, 0, 1), answer(allow), answer(notPermitted)]),
  // glibc and musl then fall back to clone, whose flags a filter can read.
  ...refuse(number('clone3'), notImplemented),
  ...judge(number('ioctl'), [
    loadArgument(1),
    ...terminalInjection.flatMap((request) => [jumpIfEqual(request, 0, 1), answer(notPermitted)]),
    answer(allow),
  ]),
  ...judge(number('prctl'), refuseOnly(0, setParentDeathSignal)),
  ...judge(number('prlimit64'), allowOnly(0, 0, notPermitted)),
  ...judge(number('sched_setaffinity'), allowOnly(0, 0, notPermitted)),
];

/** Pairs of connected streams stay: they lead nowhere else. A datagram socket of a pair could still be sent to any address. */
const networkRules = (number: Numbered): Instruction[] =>
  judge(number('socketpair'), [
    loadArgument(0),
    jumpIfEqual(unixFamily, 0, 4),
    loadArgument(1),
    keepBits(socketKinds),
    jumpIfEqual(streamSocket, 0, 1),
    answer(allow),
    answer(accessDenied),
  ]);

const signalRules = (number: Numbered, own: number): Instruction[] => [
  ...(['kill', 'tgkill', 'rt_sigqueueinfo', 'rt_tgsigqueueinfo'] as const).flatMap((name) =>
    judge(number(name), allowOnly(0, own, notPermitted)),
  ),
  ...refuse(number('tkill'), notPermitted),
];

const isArchitecture = (name: string): name is FilterArchitecture => Object.hasOwn(architectureTokens, name);

/**
 * A filter of system calls as the kernel takes it: `struct sock_filter` after `struct sock_filter`. What is not refused is allowed. Calls in
 * the manner of another processor (32 bits, x32) end the process.
 *
 * @returns undefined for a processor that filters are not written for, and when no rule is asked for
 * @see https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
 */
export const filterProgram = (rules: FilterRules, architecture: string = process.arch): Uint8Array | undefined => {
  if (!isArchitecture(architecture) || endianness() !== 'LE') return undefined;
  if (!rules.system && !rules.network && !rules.metadata && rules.signalsOnly === undefined) return undefined;
  const column = architecture === 'x64' ? 0 : 1;
  const number: Numbered = (name) => judgedCalls[name][column];
  const refuseAll = (calls: CallTable, action: number): Instruction[] =>
    Object.values(calls).flatMap((numbers) => (numbers[column] === -1 ? [] : refuse(numbers[column], action)));
  return bytesOf([
    loadArchitecture,
    jumpIfEqual(architectureTokens[architecture], 1, 0),
    answer(killProcess),
    loadCall,
    jumpIfAtLeast(firstForeignCall, 0, 1),
    answer(killProcess),
    ...(rules.system ? [jumpIfAtLeast(newestCall + 1, 0, 1), answer(notImplemented)] : []),
    ...(rules.signalsOnly === undefined ? [] : signalRules(number, rules.signalsOnly)),
    ...(rules.network ? [...networkRules(number), ...refuseAll(networkCalls, accessDenied)] : []),
    ...(rules.metadata ? refuseAll(metadataCalls, notPermitted) : []),
    ...(rules.system
      ? [
          ...systemRules(number),
          ...[startingCalls, intrudingCalls, mountingCalls, kernelCalls].flatMap((calls) => refuseAll(calls, notPermitted)),
        ]
      : []),
    answer(allow),
  ]);
};

const bytesOf = (instructions: readonly Instruction[]): Uint8Array => {
  const bytes = new DataView(new ArrayBuffer(instructions.length * 8));
  for (const [index, [code, yes, no, operand]] of instructions.entries()) {
    bytes.setUint16(index * 8, code, true);
    bytes.setUint8(index * 8 + 2, yes);
    bytes.setUint8(index * 8 + 3, no);
    bytes.setUint32(index * 8 + 4, operand, true);
  }
  return new Uint8Array(bytes.buffer);
};
