import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bounded } from './bounded.ts';
import { webAssembly } from './library.ts';
import { interpreterPath } from './pool.ts';

/** A program with a type section and one memory of 2 pages, with room for more, exported as `m`. Written by hand. */
const small = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 5, 3, 1, 0, 2, 7, 5, 1, 1, 109, 2, 0]);

const memoryOf = (bytes: Uint8Array): { buffer: ArrayBuffer; grow(pages: number): number } =>
  (
    new webAssembly.Instance(new webAssembly.Module(bytes), {}).exports as {
      m: { buffer: ArrayBuffer; grow(pages: number): number };
    }
  ).m;

describe('bounded', () => {
  it.each([2, 3, 200, 4096])('%i pages are all that such a program can have', (pages) => {
    const memory = memoryOf(bounded(small, pages));
    expect(memory.buffer.byteLength).toBe(2 * 65_536);
    memory.grow(pages - 2);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });

  it('a program that is bounded already gets the new bound', () => {
    expect(() => memoryOf(bounded(bounded(small, 100), 2)).grow(1)).toThrow(RangeError);
  });

  it('the interpreter stays a program', () => {
    const bytes = readFileSync(interpreterPath());
    expect(new webAssembly.Module(bounded(bytes, 4096))).toBeDefined();
  });

  it.each([
    ['too little for the program', small, 1],
    ['no memory', small.slice(0, 14), 10],
    ['no program', Uint8Array.from(Array(40).fill(255)), 10],
  ])('%s is refused', (_name, bytes, pages) => {
    expect(() => bounded(bytes, pages)).toThrow();
  });
});
