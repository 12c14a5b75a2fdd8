import { type Attack, type Judge, both, either, fails, granting, isRefused, stops } from '../case.ts';
import { type Binary, allocThatLoops, binary, code, section } from '../wasm-bytes.ts';

/** A binary of our own interface that differs from an honest one in this. */
const wasm = (name: string, given: Binary | (() => Binary), judge: Judge, more: Partial<Attack> = {}): Attack => ({
  name,
  language: 'wasm',
  source: () => binary(typeof given === 'function' ? given() : given),
  judge,
  ...more,
});

const clock: Binary['imports'] = [['burgeon:cap/clock', 'now', 3]];
const clockGrant = { grants: granting('clock') };
/** Asks the host with the text at 256, and forgets the answer. */
const ask = (length: number): number[] => [...code.int(256), ...code.int(length), ...code.call(0), ...code.drop];
const loop = code.forever();

/** It answers what it was asked, as the honest binary does. */
const echoes: Judge = (outcome) =>
  outcome.kind === 'answered' && typeof outcome.value === 'object' && outcome.value !== null && 'mark' in outcome.value
    ? undefined
    : `it ended otherwise: ${JSON.stringify(outcome).slice(0, 200)}`;

const limited: Judge = both(either(fails, stops), (_, { calls, limits, tookMs }) =>
  calls > limits.hostCallsPerSecond * (Math.ceil(tookMs / 1_000) + 1)
    ? `${calls} host calls reached the control plane`
    : undefined,
);

/** Attacks in WebAssembly, by the number of the case they belong to. */
export const binaries: Readonly<Record<number, readonly Attack[]>> = {
  1: [wasm('a loop', { invoke: loop }, stops)],
  3: [wasm('a loop after a host call', { imports: clock, data: '[]', invoke: [...ask(2), ...loop] }, stops, clockGrant)],
  14: [wasm('a loop that writes', { invoke: code.forever(code.fill(0, 65_536)) }, stops)],
  16: [
    wasm('while it makes room for its argument', { alloc: loop }, stops),
    wasm(
      'while it makes room for an answer',
      {
        imports: clock,
        data: '[]',
        alloc: allocThatLoops,
        invoke: [...ask(2), ...code.unreachable],
      },
      either(fails, stops),
      clockGrant,
    ),
  ],
  17: [
    wasm('in the start function', { start: loop }, stops, { by: 'load' }),
    wasm('in init', { init: loop }, stops, { by: 'load' }),
  ],
  20: [wasm('a memory that grows page by page', { invoke: code.forever([...code.grow(1), ...code.drop]) }, stops)],
  21: [
    wasm('a memory of four gigabytes from the start', { pages: [65_536] }, either(isRefused, fails)),
    wasm(
      'a memory that grows to a gigabyte',
      { invoke: [...code.grow(16_000), ...code.drop, ...code.fill(0, 1_048_576_000), ...code.unreachable] },
      either(fails, stops),
    ),
  ],
  29: [
    wasm(
      'memory without end, written to',
      { invoke: code.forever([...code.grow(16), ...code.drop, ...code.fill(0, 1 << 20)]) },
      stops,
    ),
    wasm('a table that grows', { tables: [1], invoke: code.forever([...code.growTable(0, 100_000), ...code.drop]) }, stops),
    wasm('a table of a hundred million', { tables: [100_000_000] }, either(isRefused, fails)),
    wasm(
      'a thousand tables',
      { tables: Array.from({ length: 1_000 }, () => 1), invoke: [...code.growTable(7, 10_000_000), ...code.drop, ...code.echo] },
      either(echoes, isRefused, fails),
    ),
  ],
  32: [
    wasm('recursion', { invoke: [0, 1, 2, 3, 4].flatMap(code.get).concat(code.call(1)) }, fails),
    wasm('recursion with many locals', { locals: 40_000, invoke: [0, 1, 2, 3, 4].flatMap(code.get).concat(code.call(1)) }, fails),
  ],
  34: [
    wasm('an answer at the end of the world', { invoke: code.long(-1, -1) }, fails),
    wasm('an answer as long as the world', { invoke: code.long(0, -1) }, fails),
    wasm('an answer that begins below nothing', { invoke: code.long(-16, 32) }, fails),
    wasm('an answer of all its memory', { pages: [400], invoke: code.long(0, 400 * 65_536) }, fails),
    wasm(
      'an answer that is no text',
      { invoke: [...code.fill(512, 64), ...code.int(512), ...code.int(-1), 0x3a, 0, 0, ...code.long(512, 64)] },
      fails,
    ),
    wasm('an answer that is no JSON', { data: '+{"a":', invoke: code.long(256, 6) }, fails),
    wasm('room outside of its memory', { alloc: code.int(-8) }, fails),
    wasm('no room at all', { alloc: code.int(0) }, fails),
    wasm(
      'an argument of a host call outside',
      { imports: clock, invoke: [...code.int(-1), ...code.int(-1), ...code.call(0)] },
      fails,
      clockGrant,
    ),
    wasm(
      'a line of the log outside',
      { imports: [['burgeon', 'log', 4]], invoke: [...code.int(1 << 30), ...code.int(1 << 30), ...code.call(0), ...code.echo] },
      either(fails, echoes),
    ),
    wasm(
      'a flood of the log',
      { imports: [['burgeon', 'log', 4]], invoke: code.forever([...code.int(0), ...code.int(1_000), ...code.call(0)]) },
      stops,
    ),
  ],
  35: [
    wasm(
      'fifty thousand functions',
      () => ({ functions: Array.from({ length: 50_000 }, () => [...code.int(1), ...code.drop]) }),
      either(echoes, stops, isRefused),
    ),
    wasm(
      'blocks in blocks',
      () => ({
        invoke: [
          ...Array.from({ length: 60_000 }, () => [0x02, 0x40]).flat(),
          ...Array.from({ length: 60_000 }, () => 0x0b),
          ...code.echo,
        ],
      }),
      either(echoes, stops, isRefused),
    ),
    wasm(
      'a jump to sixty thousand places',
      () => ({
        invoke: [
          0x02,
          0x40,
          ...code.get(0),
          0x0e,
          0xa0,
          0xc2,
          0x1e,
          ...Array.from({ length: 60_001 }, () => 0),
          0x0b,
          ...code.echo,
        ],
      }),
      either(echoes, stops, isRefused),
    ),
    wasm(
      'one very long function',
      () => ({ invoke: [...Array.from({ length: 400_000 }, () => [...code.int(1), ...code.drop]).flat(), ...code.echo] }),
      either(echoes, stops, isRefused),
    ),
  ],
  45: [
    ...(
      [
        ['env', 'system', 3],
        ['wasi_snapshot_preview1', 'fd_write', 3],
        ['wasi_snapshot_preview1', 'path_open', 3],
        ['node:fs', 'readFileSync', 3],
        ['burgeon:cap/http', 'fetch', 3],
        ['burgeon:cap/nothing', 'x', 3],
        ['extism:host/env', 'http_request', 3],
        ['burgeon', 'eval', 3],
        ['', '', 3],
      ] as const
    ).map((each) => wasm(`import "${each[0]}" "${each[1]}"`, { imports: [each] }, isRefused)),
    wasm('an import under another signature', { imports: [['burgeon', 'log', 3]] }, isRefused),
  ],
  50: [
    ...(
      [
        ['__proto__', 'polluted', 3],
        ['constructor', 'prototype', 3],
        ['burgeon', '__proto__', 4],
        ['burgeon:cap/clock', '__proto__', 3],
        ['burgeon:cap/clock', 'constructor', 3],
      ] as const
    ).map((each) => wasm(`import "${each[0]}" "${each[1]}"`, { imports: [each] }, either(isRefused, echoes), clockGrant)),
    wasm(
      'exports of such names',
      { names: ['__proto__', 'constructor', 'then', 'toString', 'toJSON'] },
      either(echoes, isRefused),
    ),
  ],
  53: [
    wasm('a second memory', { after: section(5, [1, 0, 1]) }, isRefused),
    wasm('imports in the wrong place', { after: section(2, [1, 1, 97, 1, 98, 0, 2]) }, isRefused),
    wasm('imports in what is for tools', { before: section(0, [4, 110, 97, 109, 101, 2, 1, 1, 97]) }, either(echoes, isRefused)),
    wasm('a section longer than the file', { after: [11, 0xff, 0xff, 0xff, 0x7f, 0] }, isRefused),
    wasm('a number of six bytes', { after: [0, 0x81, 0x80, 0x80, 0x80, 0x80, 0x00, 0] }, isRefused),
    wasm('a shared memory', { memory: [3, 1, 1] }, isRefused),
    wasm('a memory of 64 bits', { memory: [4, 1] }, isRefused),
    { ...wasm('no binary at all', {}, isRefused), source: Buffer.from('(module)').toString('base64') },
    { ...wasm('a component', {}, isRefused), source: Buffer.from([0, 97, 115, 109, 13, 0, 1, 0]).toString('base64') },
    { ...wasm('no base64', {}, isRefused), source: '\u0000asm' },
  ],
  54: [
    wasm(
      'text that is no JSON',
      { imports: clock, data: '{"a":', invoke: [...ask(5), ...code.echo] },
      either(echoes, fails),
      clockGrant,
    ),
    wasm(
      'JSON that is no list',
      { imports: clock, data: '{"a":1}', invoke: [...ask(7), ...code.echo] },
      either(echoes, fails),
      clockGrant,
    ),
    wasm(
      'lines in it',
      { imports: clock, data: '[]\nfs\nread\n["/etc/passwd"]', invoke: [...ask(27), ...code.echo] },
      either(echoes, fails),
      clockGrant,
    ),
    wasm(
      'bytes that are no text',
      { imports: clock, invoke: [...code.fill(256, 8), ...code.int(256), ...code.int(255), 0x3a, 0, 0, ...ask(8), ...code.echo] },
      either(echoes, fails),
      clockGrant,
    ),
  ],
  55: [
    wasm('in a loop', { imports: clock, data: '[]', alloc: code.int(4096), invoke: code.forever(ask(2)) }, limited, {
      ...clockGrant,
      limits: { wallMs: 400, cpuMs: 300, hostCallsPerSecond: 200 },
    }),
  ],
};
