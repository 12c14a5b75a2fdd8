import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Recipe, assemble, magic, rawSection, unsigned } from './fixtures/assemble.ts';
import { type WasmShape, readWasm } from './wasm-shape.ts';

interface Described {
  imports: { module: string; name: string; kind: string }[];
  exports: { name: string; kind: string }[];
}
interface Compiler {
  Module: {
    new (bytes: Uint8Array): object;
    imports(module: object): Described['imports'];
    exports(module: object): Described['exports'];
  };
}
const { Module } = (globalThis as unknown as { WebAssembly: Compiler }).WebAssembly;

/** What V8 says of a binary; undefined when it refuses it. */
const described = (bytes: Uint8Array): Described | undefined => {
  try {
    const module = new Module(bytes);
    return {
      imports: Module.imports(module).map(({ module: from, name, kind }) => ({ module: from, name, kind })),
      exports: Module.exports(module).map(({ name, kind }) => ({ name, kind })),
    };
  } catch {
    return undefined;
  }
};

const outside = ({ imports, exports }: WasmShape): Described => ({
  imports: imports.map(({ module, name, kind }) => ({ module, name, kind })),
  exports: exports.map(({ name, kind }) => ({ name, kind })),
});

const recipe: Recipe = {
  imports: [
    { module: 'burgeon:cap/http', name: 'fetch', signature: 'i32,i32->i64' },
    { module: 'env', name: 'table', table: [1, 2] },
    { module: 'env', name: 'zażółć', global: 'f64' },
    { module: 'env', name: 'abort', signature: 'i32,i32,i32,i32->' },
  ],
  memories: [[1, 200]],
  tables: [[3]],
  functions: [{ name: 'invoke', signature: '->i32', code: [0x41, 0x07] }],
  exports: [{ name: 'memory', kind: 'memory', index: 0 }],
};

describe('readWasm', () => {
  it('reads imports, exports, memories and tables', () => {
    expect(readWasm(assemble(recipe)).shape).toMatchObject({
      imports: [
        { module: 'burgeon:cap/http', name: 'fetch', kind: 'function', signature: 'i32,i32->i64' },
        { module: 'env', name: 'table', kind: 'table' },
        { module: 'env', name: 'zażółć', kind: 'global' },
        { module: 'env', name: 'abort', kind: 'function', signature: 'i32,i32,i32,i32->' },
      ],
      exports: [
        { name: 'invoke', kind: 'function', signature: '->i32' },
        { name: 'memory', kind: 'memory' },
      ],
      memories: [{ minimum: 1, maximum: 200 }],
      tables: [{ minimum: 3 }],
    });
  });

  it.each([
    ['nothing', [], 'cut off'],
    ['a text', [...Buffer.from('module.wasm is text')], 'no WebAssembly module'],
    ['a component', [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00], 'no WebAssembly module of version 1'],
    ['a section that is cut off', [...magic, 1, 9, 0], 'cut off'],
    ['a section twice', [...magic, ...rawSection(5, [0]), ...rawSection(5, [0])], 'not in order'],
    ['an unknown section', [...magic, ...rawSection(77, [0])], 'not in order'],
    ['types for garbage collection', [...magic, ...rawSection(1, [1, 0x5f, 0])], 'garbage collection'],
    ['a value under garbage collection', [...magic, ...rawSection(1, [1, 0x60, 1, 0x6e, 0])], 'a type that is not offered'],
    ['a shared memory', [...magic, ...rawSection(5, [1, 3, 1, 2])], 'shared'],
    ['a memory with 64-bit addresses', [...magic, ...rawSection(5, [1, 4, 1])], '64-bit'],
    ['more than there is', [...magic, ...rawSection(1, unsigned(1_000_000))], 'cut off'],
    ['a number beyond 32 bits', [...magic, ...rawSection(5, [1, 0, 0xff, 0xff, 0xff, 0xff, 0x7f])], 'beyond 32 bits'],
    ['a number without an end', [...magic, ...rawSection(5, [1, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0])], 'beyond 32 bits'],
    ['a name that is no UTF-8', [...magic, ...rawSection(2, [1, 1, 0xff, 0, 1, 0])], 'no UTF-8'],
    ['a type that is not there', [...magic, ...rawSection(2, [1, 1, 97, 1, 98, 0, 5])], 'not there'],
    ['an export that is not there', [...magic, ...rawSection(7, [1, 1, 97, 0, 5])], 'not there'],
    ['a kind that is not there', [...magic, ...rawSection(7, [1, 1, 97, 9, 5])], 'something unknown'],
    ['a table of something', [...magic, ...rawSection(4, [1, 0x40, 0, 1])], 'a table of a kind'],
  ])('refuses %s', (_name, bytes, fault) => {
    expect(readWasm(Uint8Array.from(bytes)).fault).toContain(fault);
  });

  it('refuses floods of names and of values', () => {
    const name = [0, 0, 0, 0];
    const many = [...unsigned(20_001), ...Array.from({ length: 20_001 }, () => name).flat()];
    expect(readWasm(Uint8Array.from([...magic, ...rawSection(2, many)])).fault).toContain('more than 20000');
    const wide = [1, 0x60, ...unsigned(1_001), ...Array.from({ length: 1_001 }, () => 0x7f), 0];
    expect(readWasm(Uint8Array.from([...magic, ...rawSection(1, wide)])).fault).toContain('more than 1000');
  });

  // The binary of QuickJS that comes with quickjs-wasi 3.6.2 (MIT).
  it('reads a large published binary as V8 does', () => {
    const bytes = readFileSync(createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm'));
    const { shape } = readWasm(bytes);
    expect(shape && outside(shape)).toEqual(described(bytes));
    expect(shape?.imports.some(({ module }) => module === 'wasi_snapshot_preview1')).toBe(true);
  });

  it('never sees other imports and exports than V8 does, whatever is wrong with the bytes', () => {
    const sound = [...assemble(recipe)];
    const change = fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255), cut: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = [...sound];
        for (const { at, byte, cut } of changes) bytes.splice(at, 1, ...(cut ? [] : [byte]));
        const { shape, fault } = readWasm(Uint8Array.from(bytes));
        const known = described(Uint8Array.from(bytes));
        if (shape && known) expect(outside(shape)).toEqual(known);
        if (!shape) expect(fault).not.toBe('');
      }),
      { numRuns: 3_000 },
    );
  });
});
