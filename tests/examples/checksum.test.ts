import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import type { Instance, JsonObject, JsonValue } from '@burgeon/kit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBurgeon } from '../../packages/burgeon/src/burgeon.ts';
import { compileAssembly, hasCompiler } from '../../packages/burgeon/src/adapters/hosts/wasm/fixtures/assembly-script.ts';
import { wasmModule } from '../../packages/burgeon/src/adapters/hosts/wasm/fixtures/wasm-module.ts';
import { createWasm } from '../../packages/burgeon/src/adapters/hosts/wasm/index.ts';
import { hostContext, limited } from '../../packages/burgeon/src/walls/fixtures/script-module.ts';
import { root } from '../source-tree.ts';

const built = readFileSync(join(root, 'examples/checksum/module.wasm'));

let instance: Instance;
beforeAll(async () => {
  instance = await createWasm().start(wasmModule(built), [], limited(), hostContext());
});
afterAll(() => instance.dispose());

const call = async (operation: string, input: JsonObject): Promise<JsonValue> => (await instance.call(operation, input)).output;

describe('examples/checksum', () => {
  it.skipIf(!hasCompiler)('is built of its sources, byte for byte', async () => {
    const bytes = await compileAssembly(['--config', 'asconfig.json'], 'examples/checksum');
    expect(bytes.equals(built)).toBe(true);
  });

  it('grows from its folder through every stage, and is stored as it is', async () => {
    const home = mkdtempSync(join(tmpdir(), 'burgeon-checksum-'));
    const first = await createBurgeon({ home, threads: false });
    await first.init({ policy: 'unattended', totp: false });
    await first.close();
    const burgeon = await createBurgeon({ home, threads: false });
    const manage = async (operation: string, input: JsonObject): Promise<JsonValue> =>
      (await burgeon.management.call(operation, input)).output;
    const name = { namespace: 'skill', name: 'checksum' };
    try {
      expect(await manage('addModule', { what: join(root, 'examples/checksum') })).toMatchObject({
        module: { id: 'skill/checksum', kind: 'code', host: 'wasm', state: 'active' },
        trial: { passed: 3, failed: 0, skipped: 0 },
        disclosure: { capabilities: [], text: expect.stringContaining('a WebAssembly memory of its own') as string },
      });
      const { files } = (await manage('showModule', { ...name, files: true })) as { files: { path: string; text: string }[] };
      expect(files.find(({ path }) => path === 'module.wasm')?.text).toBe(built.toString('base64'));
      const input = { from: 'kitten', to: 'sitting' };
      expect(await manage('callOperation', { ...name, operation: 'distance', input })).toMatchObject({ output: 3 });
    } finally {
      await burgeon.close();
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('sums what any text consists of, as zlib does', async () => {
    const sumOf = async (text: string, algorithm: 'crc32' | 'adler32'): Promise<void> => {
      const packed = deflateSync(text);
      const value = algorithm === 'crc32' ? crc32(text) : packed.readUInt32BE(packed.length - 4);
      expect(await call('checksum', { text, algorithm })).toEqual({ value, hex: value.toString(16).padStart(8, '0') });
    };
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), fc.constantFrom('crc32', 'adler32'), (text, algorithm) =>
        sumOf(text.toWellFormed(), algorithm),
      ),
      { numRuns: 200 },
    );
    await sumOf('x'.repeat(100_000), 'adler32');
    expect(await call('checksum', { text: '123456789' }), 'crc32 unless said otherwise').toEqual({
      hex: 'cbf43926',
      value: 3421780262,
    });
  });

  it.each([
    ['luhn', '79927398713', true],
    ['luhn', '7992-7398 713', true],
    ['luhn', '79927398710', false],
    ['luhn', '0', false],
    ['luhn', '', false],
    ['luhn', '7992739871x', false],
    ['iban', 'GB82 WEST 1234 5698 7654 32', true],
    ['iban', 'pl61109010140000071219812874', true],
    ['iban', 'GB82 WEST 1234 5698 7654 33', false],
    ['iban', 'GB82', false],
    ['iban', '82GB WEST 1234 5698 7654 32', false],
    ['iban', 'GB82 WEST 1234 5698 7654 3ż', false],
  ])('judges by %s: %s', async (kind, number, valid) => {
    const country = kind === 'iban' && valid ? { country: number.slice(0, 2).toUpperCase() } : {};
    expect(await call('checkNumber', { kind, number })).toEqual({ valid, ...country });
  });

  it('counts the changes from one text to another', async () => {
    const distance = (from: string, to: string): Promise<JsonValue> => call('distance', { from, to });
    expect(await Promise.all([distance('kitten', 'sitting'), distance('', 'abc'), distance('ż', 'ż')])).toEqual([3, 3, 0]);
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 }), async (from, to) => {
        const [there, back] = await Promise.all([distance(from, to), distance(to, from)]);
        expect(there).toBe(back);
        expect(there).toBeGreaterThanOrEqual(Math.abs(from.length - to.length));
        expect(there).toBeLessThanOrEqual(Math.max(from.length, to.length));
        expect(there === 0).toBe(from === to);
      }),
      { numRuns: 100 },
    );
    await expect(distance('x'.repeat(4_001), '')).rejects.toMatchObject({
      code: 'MODULE_FAILED',
      data: { data: { code: 'TEXT_TOO_LONG' } },
    });
  });
});
