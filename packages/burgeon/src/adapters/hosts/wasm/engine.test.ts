import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { op, packed } from '../../../base/fixtures/assemble.ts';
import { orders } from '../../../walls/frames.ts';
import { CellFailure, type Cell, type Failure } from '../../../walls/inside/cell.ts';
import { type Seen, cellOf } from './fixtures/cell.ts';
import { type GuestParts, at, guest, heapStart } from './fixtures/guests.ts';
import { suiteBinary } from './fixtures/wasm-module.ts';

/** One call of a special guest, and what came of it. */
const callOf = async (parts: GuestParts, body = '{}'): Promise<{ json?: string; failure?: Failure; seen: Seen; cell: Cell }> => {
  const { cell, seen } = await cellOf(guest(parts));
  await cell.run(orders.call, 1, 'run', body);
  expect(seen.done.length + seen.failed.length + seen.asked.length).toBe(1);
  const [json, failure] = [seen.done[0]?.[1], seen.failed[0]?.[1]];
  return { ...(json === undefined ? {} : { json }), ...(failure === undefined ? {} : { failure }), seen, cell };
};

const giving = (text: string | number[]): Pick<GuestParts, 'data' | 'invoke'> => {
  const length = typeof text === 'string' ? Buffer.byteLength(text) : text.length;
  return { data: [{ at: 64, text }], invoke: op.i64(packed(64, length)) };
};

/** `burgeon:cap/clock now`, asked with a text at 64. */
const asking = (text: string | number[]): GuestParts => {
  const length = typeof text === 'string' ? Buffer.byteLength(text) : text.length;
  return {
    imports: [{ module: 'burgeon:cap/clock', name: 'now', signature: 'i32,i32->i64' }],
    data: [{ at: 64, text }],
    invoke: [...op.i32(64), ...op.i32(length), ...op.call(0)],
  };
};

describe('answers of a guest', () => {
  it('are JSON after a mark, or nothing', async () => {
    expect(await callOf(giving('+{"a":"ż"}'))).toMatchObject({ json: '{"a":"ż"}' });
    expect(await callOf({})).toMatchObject({ failure: { kind: 'missing' } });
    const error = '-{"message":"It is broken.","data":{"code":"BROKEN"},"place":"a.rs:1:2"}';
    expect((await callOf(giving(error))).failure).toEqual({
      kind: 'thrown',
      message: 'It is broken.',
      data: '{"code":"BROKEN"}',
      place: 'a.rs:1:2',
    });
  });

  it.each([
    ['-', 'The module failed.'],
    ['-null', 'The module failed.'],
    ['-[1]', 'The module failed.'],
    ['-{"message":{"a":1},"place":7}', 'The module failed.'],
    [`-{"message":"${'x'.repeat(1_000)}"}`, 'x'.repeat(1_000)],
  ])('an error like %.20s is told as far as it goes', async (text, message) => {
    expect((await callOf(giving(text))).failure).toEqual({ kind: 'thrown', message });
  });

  it.each([
    ['no mark', giving('{"a":1}'), 'begins with neither'],
    ['an empty text', { invoke: op.i64(packed(64, 0)) }, 'begins with neither'],
    ['bytes that are no UTF-8', giving([0x2b, 0xff, 0xfe]), 'no UTF-8'],
    ['half a character', giving([0x2b, 0x22, 0xf0, 0x9f]), 'no UTF-8'],
    ['a pointer outside', { invoke: op.i64(packed(65_536, 1)) }, '1 bytes at 65536, which lie outside its memory of 65536'],
    ['a length that reaches outside', { invoke: op.i64(packed(65_000, 1_000)) }, 'lie outside'],
    ['a negative pointer', { invoke: op.i64(packed(-1, 1)) }, '1 bytes at 4294967295'],
    ['a pointer so negative that the end is inside again', { invoke: op.i64(packed(-8, 64)) }, '64 bytes at 4294967288'],
    ['a pointer for what it is given that is 0', { alloc: op.i32(0) }, 'allocated nothing for 3 bytes'],
    ['a pointer for what it is given that is negative', { alloc: op.i32(-8) }, '3 bytes at 4294967288'],
    ['a pointer for what it is given at the very end', { alloc: op.i32(65_535) }, 'lie outside'],
    ['a trap', { invoke: [op.unreachable] }, 'unreachable'],
    ['a trap when it is asked for memory', { alloc: [op.unreachable] }, 'unreachable'],
    ['a trap when it takes memory back', { ...giving('+1'), free: [op.unreachable] }, 'unreachable'],
    ['a call without end', { invoke: [...op.i32(0), ...[1, 2, 3, 4].flatMap(op.i32), ...op.call(1)] }, 'call stack'],
  ] satisfies [string, GuestParts, string][])('%s is a failure of the module', async (_name, parts, message) => {
    const { failure, cell, seen } = await callOf(parts);
    expect(failure).toMatchObject({ kind: 'thrown', message: expect.stringContaining(message) as string });
    await cell.run(orders.call, 2, 'run', '{}');
    expect(seen.failed.at(-1)?.[0], 'it begins afresh').toBe(2);
  });

  it('whatever numbers they are, they are an answer or a failure, and nothing is read outside', async () => {
    const ends = new Set<string>();
    const number = fc.oneof(
      fc.bigInt(0n, 2n ** 64n - 1n),
      fc.bigInt(0n, 70_000n),
      fc.tuple(fc.nat(70_000), fc.nat(70_000)).map(([a, b]) => packed(a, b)),
    );
    await fc.assert(
      fc.asyncProperty(number, fc.integer(), async (value, pointer) => {
        const { failure } = await callOf({
          data: [{ at: 64, text: '+12345' }],
          invoke: op.i64(value),
          ...(pointer % 2 === 0 && { alloc: op.i32(pointer) }),
        });
        ends.add(failure?.kind ?? 'done');
      }),
      { numRuns: 300 },
    );
    expect([...ends].filter((end) => !['done', 'missing', 'thrown', 'result'].includes(end))).toEqual([]);
  });

  it('that are larger than they may be are not even read', async () => {
    for (const value of [packed(0, 60_000), packed(0, -1), -1n]) {
      const { cell, seen } = await cellOf(guest({ invoke: op.i64(value) }), { limits: { resultBytes: 1_000 } });
      await cell.run(orders.call, 1, 'run', '{}');
      expect(seen.failed).toEqual([[1, { kind: 'result', message: 'The result is too large.' }]]);
    }
  });
});

describe('questions of a guest', () => {
  it('wait for the answer, which is put into its memory', async () => {
    const { cell, seen } = await callOf(asking('[1]'));
    expect(seen.asked).toEqual([[1, 'clock', 'now', '[1]']]);
    await cell.answer(1, true, '{"time":"ż"}');
    expect(seen.done).toEqual([[1, '{"time":"ż"}']]);
    expect(cell.answer(1, true, '2'), 'twice').toBeUndefined();
    expect(cell.answer(7, true, '2'), 'to nothing').toBeUndefined();
  });

  it.each([
    ['no JSON', '[1', 'INPUT_INVALID'],
    ['no list', '{}', 'INPUT_INVALID'],
    ['nothing', '', 'INPUT_INVALID'],
  ])('with arguments that are %s never leave', async (_name, text, code) => {
    const { failure } = await callOf(asking(text));
    expect(failure).toMatchObject({ kind: 'thrown', message: expect.stringContaining('not a list') as string });
    expect(code).toBe('INPUT_INVALID');
  });

  it.each([
    ['bytes that are no UTF-8', asking([0xff]), 'no UTF-8'],
    ['what lies outside', { ...asking(''), invoke: [...op.i32(-1), ...op.i32(1), ...op.call(0)] }, 'lie outside'],
    [
      'a question when it is asked for memory',
      { ...asking(''), alloc: [...op.i32(64), ...op.i32(0), ...op.call(0), op.drop, ...op.i32(64)] },
      'must not wait',
    ],
  ] satisfies [string, GuestParts, string][])('%s is a failure', async (_name, parts, message) => {
    const { failure, seen } = await callOf(parts);
    expect([failure?.kind, seen.asked]).toEqual(['thrown', []]);
    expect(failure?.message).toMatch(new RegExp(`${message}|suspend`, 'i'));
  });

  it('are none while it is started', async () => {
    const parts: GuestParts = {
      ...asking('[]'),
      start: at(1, 'extra'),
      extra: [...op.i32(64), ...op.i32(2), ...op.call(0), op.drop],
    };
    const loading = cellOf(guest(parts));
    await expect(loading).rejects.toThrow(CellFailure);
    await expect(loading).rejects.toMatchObject({ failure: { kind: 'code' } });
  });

  it('may be a sleep, and a line for the log is cut', async () => {
    const imports = [
      { module: 'burgeon', name: 'sleep', signature: 'f64->' },
      { module: 'burgeon', name: 'log', signature: 'i32,i32->' },
    ];
    const invoke = [...op.f64(250), ...op.call(0), ...op.i32(0), ...op.i32(60_000), ...op.call(1), ...op.i64(0n)];
    const { cell, seen } = await cellOf(guest({ imports, invoke }));
    await cell.run(orders.call, 1, 'run', '');
    expect(seen.asked).toEqual([[1, '', 'sleep', '[250]']]);
    await cell.answer(1, true, 'null');
    expect(seen.lines.map((line) => line.length)).toEqual([8_000]);
  });

  it('that go on without end after their time are left alone', async () => {
    const sleep = [{ module: 'burgeon', name: 'sleep', signature: 'f64->' }];
    const invoke = op.forever([...op.f64(1), ...op.call(0)]);
    const { cell, seen } = await cellOf(guest({ imports: sleep, invoke }), { late: true });
    await cell.run(orders.call, 1, 'run', '');
    expect(seen.asked).toEqual([]);
    await cell.run(orders.call, 2, 'run', '');
    expect([...seen.done, ...seen.failed]).toEqual([]);
  });

  it('take processor time, which is counted over all stretches', async () => {
    const { cell, seen } = await cellOf(guest(asking('[]')), { limits: { cpuMs: -1 } });
    await expect(cell.run(orders.call, 1, 'run', '')).rejects.toMatchObject({ failure: { kind: 'cpu' } });
    expect(seen.asked).toEqual([]);
  });
});

describe('calls while one waits', () => {
  it('stand in line where the module does not say that it can be entered again', async () => {
    const { cell, seen } = await cellOf(guest(asking('[]')));
    await cell.run(orders.call, 1, 'run', '');
    expect(cell.run(orders.call, 2, 'run', '')).toBeUndefined();
    expect(seen.asked.length).toBe(1);
    await cell.answer(1, true, '"first"');
    expect([seen.done, seen.asked.length]).toEqual([[[1, '"first"']], 2]);
    await cell.answer(2, true, '"second"');
    expect(seen.done.at(-1)).toEqual([2, '"second"']);
  });

  it('run on top of it where it does, and end in the opposite order', async () => {
    const { cell, seen } = await cellOf(suiteBinary);
    const ask = (id: number): Promise<void> | undefined => cell.run(orders.call, id, 'ask', '{"kind":"clock","args":[]}');
    await ask(1);
    await ask(2);
    await cell.run(orders.call, 3, 'add', '{"by":2}');
    expect(seen.done).toEqual([[3, '2']]);
    expect(cell.answer(1, true, '"first"'), 'it lies below').toBeUndefined();
    await cell.answer(2, true, '"second"');
    expect(seen.done).toEqual([
      [3, '2'],
      [2, '"second"'],
      [1, '"first"'],
    ]);
  });

  it('fall with it: without a state it begins afresh, with one it has ended', async () => {
    for (const state of [undefined, 2]) {
      const { cell, seen } = await cellOf(suiteBinary, state === undefined ? {} : { state });
      await cell.run(orders.call, 1, 'ask', '{"kind":"clock","args":[]}');
      const rest = cell.run(orders.call, 2, 'throw', '{"message":"No."}');
      if (state === undefined) await rest;
      else await expect(rest).rejects.toMatchObject({ failure: { kind: 'gone' } });
      expect(seen.failed).toEqual([
        [2, { kind: 'thrown', message: 'No.', place: expect.stringMatching(/^assembly\/index\.ts:\d+:\d+$/) as string }],
        [1, { kind: 'thrown', message: 'It fell over in another call: No.' }],
      ]);
    }
  });

  it('are not heaped up without end', async () => {
    const { cell, seen } = await cellOf(suiteBinary);
    for (let id = 1; id <= 20; id += 1) await cell.run(orders.call, id, 'wait', '{}');
    expect(seen.asked.length).toBe(16);
    const late = await cellOf(suiteBinary, { late: true });
    for (let id = 1; id <= 40; id += 1) await late.cell.run(orders.call, id, 'wait', '{}');
    await late.cell.run(orders.call, 41, 'total', '{}');
    expect(late.seen.done).toEqual([[41, '0']]);
  });
});

describe('a module of AssemblyScript', () => {
  it('tells where it threw, and of what else it fell over', async () => {
    const { cell, seen } = await cellOf(suiteBinary);
    const fall = async (operation: string): Promise<Failure | undefined> => {
      await cell.run(orders.call, 1, operation, '{"message":"ż 😀"}');
      return seen.failed.at(-1)?.[1];
    };
    expect(await fall('throw')).toMatchObject({
      message: 'ż 😀',
      place: expect.stringContaining('assembly/index.ts:') as string,
    });
    expect(await fall('trap')).toMatchObject({
      message: 'unreachable',
      place: expect.stringMatching(/^module\.wasm:wasm-function\[\d+\]:0x[0-9a-f]+$/) as string,
    });
    expect(await fall('recurse')).toMatchObject({ message: 'Maximum call stack size exceeded' });
    await cell.run(orders.call, 2, 'say', '{"text":"heard"}');
    expect(seen.lines).toEqual(['heard']);
  });

  it('has ended when its memory is full', async () => {
    const { cell } = await cellOf(suiteBinary);
    await expect(cell.run(orders.call, 1, 'eat', '{}')).rejects.toMatchObject({ failure: { kind: 'memory' } });
  });

  it('has chance that repeats from a seed', async () => {
    const chanceOf = async (seed?: number): Promise<string | undefined> => {
      const { cell, seen } = await cellOf(suiteBinary, seed === undefined ? {} : { seed });
      await cell.run(orders.call, 1, 'chance', '{}');
      return seen.done[0]?.[1];
    };
    expect(await chanceOf(7)).toBe(await chanceOf(7));
    expect(await chanceOf(7)).not.toBe(await chanceOf(8));
    expect(await chanceOf()).not.toBe(await chanceOf());
  });

  it('whose functions for an error are called with nonsense only fails', async () => {
    const imports = [{ module: 'env', name: 'abort', signature: 'i32,i32,i32,i32->' }];
    const invoke = (values: number[]): number[] => [...values.flatMap((value) => op.i32(value)), ...op.call(0), op.unreachable];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer(), { minLength: 4, maxLength: 4 }), async (values) => {
        const { failure } = await callOf({ imports, invoke: invoke(values) });
        expect(failure?.kind).toBe('thrown');
      }),
      { numRuns: 50 },
    );
    expect((await callOf({ imports, invoke: invoke([heapStart, 0, -1, 5]) })).failure).toMatchObject({
      message: '',
      place: 'unknown:4294967295:5',
    });
  });
});
