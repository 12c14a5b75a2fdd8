import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSuite } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { candidateOf, codeCandidate, wasmCandidate } from '../fixtures/candidates.ts';
import { types } from './index.ts';

const stub = `import { call, stream, type CallOptions } from 'burgeon:runtime';
export interface Pet { name: string }
export const getPet = (input: { id: string }, options?: CallOptions): Promise<Pet> => call('api/petstore', 'getPet', input, options);
export const watch = (): AsyncIterable<unknown> => stream('api/petstore', 'watch', {});`;

const code = `import { http } from 'burgeon:cap/http' with { hosts: 'a.example' };
import { call } from 'burgeon:api/other';
export const operations = {
  get: async (input: { id: string }): Promise<number> => {
    const url = new URL(\`https://a.example/\${input.id}\`);
    const { status } = await http.fetch(url.href);
    setTimeout(() => console.log(structuredClone(status)), 1);
    return status + new TextEncoder().encode(btoa('a')).length + call;
  },
};`;

checkSuite(
  { describe, it, expect },
  {
    check: types,
    scratch: () => mkdtemp(join(tmpdir(), 'burgeon-types-')),
    valid: [
      { name: 'no code', candidate: candidateOf() },
      { name: 'a stub', candidate: candidateOf({ files: [{ path: 'client/index.ts', text: stub }] }) },
      { name: 'code with power', candidate: codeCandidate(code) },
      {
        name: 'a program that imports what Node has',
        candidate: codeCandidate(`import { createHash } from 'node:crypto';\nexport const operations = { run: createHash };`, {
          host: 'process',
        }),
      },
      {
        name: 'two files',
        candidate: candidateOf({
          files: [
            { path: 'a.ts', text: 'export const a = 1;' },
            { path: 'b.d.ts', text: 'export const b: string;' },
            { path: 'c.ts', text: `import { a } from './a.ts'; export const c: number = a;` },
          ],
        }),
      },
    ],
    invalid: [
      { name: 'an import of Node where there is none', candidate: codeCandidate(`import 'node:fs';`), code: 'TS2882' },
      {
        name: 'a wrong type',
        candidate: codeCandidate('\n  export const a: number = "x";'),
        code: 'TS2322',
        path: 'index.ts:2:16',
      },
      { name: 'an unchecked index', candidate: codeCandidate('export const f = (a: number[]): number => a[0];'), code: 'TS2322' },
      {
        name: 'an explicit undefined',
        candidate: codeCandidate('export const a: { b?: number } = { b: undefined };'),
        code: 'TS2375',
      },
      { name: 'syntax that is not erased', candidate: codeCandidate('export enum A { b }'), code: 'TS1294' },
      {
        name: 'a declaration that is broken',
        candidate: candidateOf({ files: [{ path: 'a.d.ts', text: 'export const a: Missing;' }] }),
        code: 'TS2304',
        path: 'a.d.ts:1:17',
      },
      { name: 'Node', candidate: codeCandidate(`import 'node:fs'; process.exit();`), code: 'TS2591' },
      { name: 'the web', candidate: codeCandidate(`export const a = fetch('x');`), code: 'TS2304' },
      {
        name: 'a capability used wrongly',
        candidate: codeCandidate(`import { clock } from 'burgeon:cap/clock'; export const a: string = await clock.now();`),
        code: 'TS2322',
      },
      {
        name: 'nesting',
        candidate: codeCandidate(`export const a = ${'(['.repeat(1_000)}${'])'.repeat(1_000)};`),
        code: 'check-killed',
        path: 'index.ts',
      },
      {
        name: 'a path that climbs',
        candidate: candidateOf({ files: [{ path: '../a.ts', text: '' }] }),
        code: 'path-invalid',
        path: '../a.ts',
      },
      {
        name: 'a file called like ours',
        candidate: candidateOf({ files: [{ path: 'burgeon-ambient.d.ts', text: '' }] }),
        code: 'path-invalid',
      },
    ],
  },
);

describe('types', () => {
  it('passes over what WebAssembly was made from, and says so', async () => {
    const context = { scratch: () => mkdtemp(join(tmpdir(), 'burgeon-types-')), signal: new AbortController().signal };
    expect(await types.run(wasmCandidate(Buffer.alloc(0)), context as never)).toMatchObject([
      { severity: 'info', code: 'not-judged' },
    ]);
  });
});
