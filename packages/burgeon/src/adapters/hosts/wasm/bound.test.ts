import { describe, expect, it } from 'vitest';
import { type Recipe, assemble, op } from '../../../base/fixtures/assemble.ts';
import { readWasm } from '../../../base/wasm-shape.ts';
import { bound, pageBytes } from './bound.ts';
import { suiteBinary } from './fixtures/wasm-module.ts';
import { type WasmMemory, wasm } from './library.ts';

const boundedTo = (bytes: Buffer, pages: number): Buffer | string => {
  const { shape } = readWasm(bytes);
  if (!shape) return 'unread';
  const bounded = bound(bytes, shape, pages * pageBytes);
  return bounded.bytes ?? bounded.exceeds ?? '';
};

/** Pages that a memory can have in the end, by trying. */
const mostPages = (bytes: Buffer): number => {
  const { exports } = new wasm.Instance(new wasm.Module(bytes), {});
  const memory = exports['memory'] as WasmMemory & { grow(pages: number): number };
  for (let step = 64; step > 0; step >>= 1) {
    try {
      for (;;) memory.grow(step);
    } catch {
      // One step less.
    }
  }
  return memory.buffer.byteLength / pageBytes;
};

const memory = (...memories: NonNullable<Recipe['memories']>): Buffer =>
  assemble({
    memories,
    tables: [[2], [3, 400_000]],
    functions: [{ name: 'seven', signature: '->i32', code: op.i32(7) }],
    exports: [{ name: 'memory', kind: 'memory', index: 0 }],
    data: [{ at: 8, text: 'kept' }],
  });

describe('bound', () => {
  it.each([
    ['none gets one', memory([1]), 200, 200],
    ['a higher one is lowered', memory([1, 65_536]), 130, 130],
    ['a lower one stays', memory([1, 3]), 130, 3],
    ['one that is full at the start', memory([130]), 130, 130],
  ])('the maximum of a memory: %s', (_name, bytes, pages, most) => {
    const bounded = boundedTo(bytes, pages) as Buffer;
    expect(mostPages(bounded)).toBe(most);
    const { exports } = new wasm.Instance(new wasm.Module(bounded), {});
    expect((exports['seven'] as () => number)()).toBe(7);
    expect(Buffer.from((exports['memory'] as WasmMemory).buffer, 8, 4).toString()).toBe('kept');
  });

  it('tables share what all of them may have', () => {
    const { shape } = readWasm(boundedTo(memory([1]), 10) as Buffer);
    expect(shape?.tables.map(({ minimum, maximum }) => [minimum, maximum])).toEqual([
      [2, 65_535],
      [3, 65_536],
    ]);
  });

  it('says what begins beyond its bounds', () => {
    expect(boundedTo(memory([11]), 10)).toBe('memory');
    expect(boundedTo(assemble({ memories: [[1]], tables: [[100_000], [100_000]] }), 10)).toBe('tables');
  });

  it('changes nothing else of a compiled binary', () => {
    const bounded = boundedTo(suiteBinary, 64) as Buffer;
    const [before, after] = [readWasm(suiteBinary).shape, readWasm(bounded).shape];
    expect(after).toMatchObject({ imports: before?.imports, exports: before?.exports, memories: [{ maximum: 64 }] });
    expect(boundedTo(bounded, 64)).toEqual(bounded);
  });

  it('leaves a binary alone that has neither', () => {
    const bytes = assemble({ functions: [{ name: 'seven', signature: '->i32', code: op.i32(7) }] });
    expect(boundedTo(bytes, 1)).toEqual(bytes);
  });
});
