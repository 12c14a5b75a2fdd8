import { describe, expect, it } from 'vitest';
import { type FilterArchitecture, type FilterRules, filterProgram } from './seccomp.ts';
import {
  intrudingCalls,
  judgedCalls,
  kernelCalls,
  metadataCalls,
  mountingCalls,
  networkCalls,
  newestCall,
  startingCalls,
} from './system-calls.ts';

const everything: FilterRules = { system: true, network: true, metadata: true, signalsOnly: 77 };
const tokens: Record<FilterArchitecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };
const [allowed, killed, notPermitted, accessDenied, notImplemented] = [0x7fff0000, 0x80000000, 0x50001, 0x5000d, 0x50026];

/** What the kernel does with a filter: classic BPF over `struct seccomp_data`. */
const judge = (program: Uint8Array, data: DataView): number => {
  const code = new DataView(program.buffer, program.byteOffset, program.byteLength);
  let accumulator = 0;
  for (let at = 0; at < program.byteLength; at += 8) {
    const [operation, yes, no] = [code.getUint16(at, true), code.getUint8(at + 2), code.getUint8(at + 3)];
    const operand = code.getUint32(at + 4, true);
    const jump = (condition: boolean): void => {
      at += 8 * (condition ? yes : no);
    };
    if (operation === 0x06) return operand;
    else if (operation === 0x20) accumulator = data.getUint32(operand, true);
    else if (operation === 0x54) accumulator = (accumulator & operand) >>> 0;
    else if (operation === 0x15) jump(accumulator === operand);
    else if (operation === 0x35) jump(accumulator >= operand);
    else if (operation === 0x45) jump((accumulator & operand) !== 0);
    else expect.fail(`the kernel would refuse instruction ${operation}`);
  }
  return expect.fail('the filter ends without an answer');
};

const ask = (rules: FilterRules, architecture: FilterArchitecture, call: number, ...values: number[]): number => {
  const program = filterProgram(rules, architecture);
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call, true);
  data.setUint32(4, tokens[architecture], true);
  for (const [index, value] of values.entries()) data.setBigUint64(16 + 8 * index, BigInt.asUintN(64, BigInt(value)), true);
  return judge(program ?? new Uint8Array(), data);
};

describe.each([
  ['x64', 0],
  ['arm64', 1],
] as const)('the filter for %s', (architecture, column) => {
  const answer = (name: keyof typeof judgedCalls, ...values: number[]): number =>
    ask(everything, architecture, judgedCalls[name][column], ...values);

  it('refuses what the tables name, and says so in the right way', () => {
    const tables = [
      [startingCalls, notPermitted],
      [intrudingCalls, notPermitted],
      [mountingCalls, notPermitted],
      [kernelCalls, notPermitted],
      [metadataCalls, notPermitted],
      [networkCalls, accessDenied],
    ] as const;
    for (const [table, expected] of tables)
      for (const [name, numbers] of Object.entries(table))
        if (numbers[column] >= 0) expect(ask(everything, architecture, numbers[column]), name).toBe(expected);
  });

  it('lets ordinary calls through', () => {
    const ordinary = { read: [0, 63], write: [1, 64], mmap: [9, 222], futex: [202, 98], execve: [59, 221], openat: [257, 56] };
    for (const [name, numbers] of Object.entries(ordinary))
      expect(ask(everything, architecture, numbers[column] ?? 0), name).toBe(allowed);
  });

  it('lets threads start, but no process', () => {
    const [thread, fork, vfork, newUser] = [0x3d0f00, 0x1200011, 0x4111, 0x10000011];
    expect(answer('clone', thread)).toBe(allowed);
    for (const flags of [fork, vfork, newUser]) expect(answer('clone', flags)).toBe(notPermitted);
    expect(answer('clone3')).toBe(notImplemented);
  });

  it('judges arguments', () => {
    expect(answer('ioctl', 0, 0x5401)).toBe(allowed);
    expect(answer('ioctl', 0, 0x5412)).toBe(notPermitted);
    // The kernel looks at the low half of a request only.
    expect(answer('ioctl', 0, 0x1_0000_5412)).toBe(notPermitted);
    expect(answer('prctl', 15)).toBe(allowed);
    expect(answer('prctl', 1, 0)).toBe(notPermitted);
    expect(answer('prlimit64', 0)).toBe(allowed);
    expect(answer('prlimit64', 78)).toBe(notPermitted);
    expect(answer('sched_setaffinity', 1)).toBe(notPermitted);
    expect(answer('socketpair', 1, 0x80001)).toBe(allowed);
    expect(answer('socketpair', 1, 2)).toBe(accessDenied);
    expect(answer('socketpair', 16, 1)).toBe(accessDenied);
  });

  it('lets a process signal itself and nobody else', () => {
    for (const name of ['kill', 'tgkill', 'rt_sigqueueinfo', 'rt_tgsigqueueinfo'] as const) {
      expect(answer(name, 77), name).toBe(allowed);
      for (const other of [0, 1, -1, -77, 78]) expect(answer(name, other), name).toBe(notPermitted);
    }
    expect(answer('tkill', 77)).toBe(notPermitted);
    const free = { ...everything, signalsOnly: undefined };
    const { signalsOnly: _, ...withoutSignals } = free;
    expect(ask(withoutSignals, architecture, judgedCalls.kill[column], 1)).toBe(allowed);
  });

  it('knows no call that is younger than itself', () => {
    expect(ask(everything, architecture, newestCall)).toBe(allowed);
    expect(ask(everything, architecture, newestCall + 1)).toBe(notImplemented);
  });

  it('ends what calls in the manner of another processor', () => {
    const program = filterProgram(everything, architecture) ?? new Uint8Array();
    const other = new DataView(new ArrayBuffer(64));
    other.setUint32(4, tokens[architecture === 'x64' ? 'arm64' : 'x64'], true);
    expect(judge(program, other)).toBe(killed);
    expect(ask(everything, architecture, 0x40000000)).toBe(killed);
  });

  it('holds only what it was asked to', () => {
    const onlyNetwork = { system: false, network: true, metadata: false };
    expect(ask(onlyNetwork, architecture, networkCalls['socket']?.[column] ?? 0)).toBe(accessDenied);
    expect(ask(onlyNetwork, architecture, intrudingCalls['ptrace']?.[column] ?? 0)).toBe(allowed);
    expect(ask(onlyNetwork, architecture, newestCall + 1)).toBe(allowed);
    const onlySystem = { system: true, network: false, metadata: false };
    expect(ask(onlySystem, architecture, networkCalls['socket']?.[column] ?? 0)).toBe(allowed);
    expect(ask(onlySystem, architecture, metadataCalls['fchmod']?.[column] ?? 0)).toBe(allowed);
  });

  it('is short enough for the kernel', () => {
    expect((filterProgram(everything, architecture)?.byteLength ?? 0) / 8).toBeLessThan(4096);
  });
});

it('writes no filter without a rule, or for a processor that it does not know', () => {
  expect(filterProgram({ system: false, network: false, metadata: false }, 'x64')).toBeUndefined();
  expect(filterProgram(everything, 'riscv64')).toBeUndefined();
});
