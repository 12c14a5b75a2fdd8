import { checkSuite } from '@burgeon/kit/suites';
import type { Capability } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../../base/fixtures/assemble.ts';
import { candidateOf, codeCandidate, wasmCandidate } from '../fixtures/candidates.ts';
import { canonicalCapabilities } from '../../../security/capabilities.ts';
import { capabilityOfImport } from '../../../security/capability-imports.ts';
import { importsOf } from '../../../security/code-imports.ts';
import { inferCapabilities } from '../../../security/infer.ts';
import { readWasmNeeds } from '../../../security/wasm-imports.ts';
import { codeRows, dataRows, declaredRows, refusedRows, wasmRows } from './fixtures/extractions.ts';
import { capabilities } from './index.ts';

const http = (...hosts: string[]): Capability => ({ kind: 'net.http', scope: { hosts } });
const importing = (module: string, name: string, signature = 'i32,i32->i64'): Buffer =>
  assemble({ imports: [{ module, name, signature }] });
const secret: Capability = { kind: 'secret.use', scope: { names: ['api/petstore/key'] } };
const at = '/manifest/extensions/dev.burgeon.module/capabilities';
const imports = `import { http } from 'burgeon:cap/http' with { hosts: 'api.example.com' };`;

const inPython = codeCandidate('', { host: 'process', entry: 'main.py', capabilities: [{ kind: 'clock', scope: {} }] });

checkSuite(
  { describe, it, expect },
  {
    check: capabilities,
    scratch: async () => '',
    valid: [
      { name: 'a program in a language that is not read', candidate: inPython },
      { name: 'what the interface needs', candidate: candidateOf() },
      { name: 'more than that, by pattern', candidate: candidateOf({ card: { capabilities: [http('*.example.com'), secret] } }) },
      { name: 'code without power', candidate: codeCandidate('export const operations = {};') },
      { name: 'code whose imports are declared', candidate: codeCandidate(imports, { capabilities: [http('api.example.com')] }) },
      { name: 'types of power', candidate: codeCandidate(`import type { http } from 'burgeon:cap/http';`) },
      { name: 'WebAssembly without power', candidate: wasmCandidate(importing('env', 'abort', 'i32,i32,i32,i32->')) },
      {
        name: 'WebAssembly whose imports are declared, whatever the scope',
        candidate: wasmCandidate(importing('burgeon:cap/http', 'fetch'), [http('a.example', '*.b.example')]),
      },
      {
        name: 'a plug-in whose request is declared',
        candidate: wasmCandidate(importing('extism:host/env', 'http_request', 'i64,i64->i64'), [http('a.example')]),
      },
      {
        name: 'clock',
        candidate: codeCandidate(`import { clock } from 'burgeon:cap/clock';`, { capabilities: [{ kind: 'clock', scope: {} }] }),
      },
    ],
    invalid: [
      {
        name: 'that it was not read',
        candidate: inPython,
        code: 'capability-not-inferred',
        severity: 'info',
        path: 'main.py',
      },
      {
        name: 'an import of WebAssembly that is not declared',
        candidate: wasmCandidate(importing('burgeon:cap/http', 'fetch'), []),
        code: 'capability-undeclared',
        path: 'module.wasm',
      },
      {
        name: 'an import of WebAssembly that nothing offers',
        candidate: wasmCandidate(importing('env', 'system')),
        code: 'import-refused',
        path: 'module.wasm',
      },
      {
        name: 'what WebAssembly does not import',
        candidate: wasmCandidate(assemble({}), [http('a.example')]),
        code: 'capability-unused',
        severity: 'warning',
        path: `${at}/0`,
      },
      {
        name: 'what is no WebAssembly',
        candidate: wasmCandidate(Buffer.from('text')),
        code: 'wasm-invalid',
        path: 'module.wasm',
      },
      {
        name: 'a host that is not declared',
        candidate: candidateOf({ card: { capabilities: [http('other.example'), secret] } }),
        code: 'capability-undeclared',
        path: '/interface',
      },
      {
        name: 'a secret that is not declared',
        candidate: candidateOf({ card: { capabilities: [http('api.example.com')] } }),
        code: 'capability-undeclared',
      },
      {
        name: 'more than is needed',
        candidate: candidateOf({ card: { capabilities: [http('api.example.com', 'b.example'), secret] } }),
        code: 'capability-unused',
        severity: 'warning',
        path: `${at}/0`,
      },
      {
        name: 'an unknown kind',
        candidate: candidateOf({ card: { capabilities: [{ kind: 'root', scope: {} }] } }),
        code: 'capability-unknown',
        path: `${at}/0/kind`,
      },
      {
        name: 'a scope that is malformed',
        candidate: candidateOf({ card: { capabilities: [{ kind: 'net.http', scope: {} }] } }),
        code: 'capability-scope',
        path: `${at}/0/scope/hosts`,
      },
      {
        name: 'an import that is not declared',
        candidate: codeCandidate(`\n${imports}`),
        code: 'capability-undeclared',
        path: 'index.ts:2:1',
      },
      {
        name: 'an import without attributes',
        candidate: codeCandidate(`import 'burgeon:cap/http';`),
        code: 'capability-scope',
        path: 'index.ts:1:1',
      },
      {
        name: 'a re-export of power',
        candidate: codeCandidate(`export * from 'burgeon:cap/clock';`),
        code: 'capability-undeclared',
      },
      {
        name: 'an import of nothing known',
        candidate: codeCandidate(`import 'burgeon:cap/root';`),
        code: 'capability-unknown',
        path: 'index.ts:1:1',
      },
      {
        name: 'code that must not be parsed',
        candidate: codeCandidate('('.repeat(9_999)),
        code: 'check-killed',
        path: 'index.ts',
      },
    ],
  },
);

describe('importsOf', () => {
  it('reads imports and re-exports with their attributes, and nothing else', () => {
    const text = `${imports}\nexport { clock } from 'burgeon:cap/clock' with { 'a-b': 'c' };\nimport 'burgeon:runtime';\nexport const a = 1;`;
    expect(importsOf([{ path: 'a.ts', text }]).imports).toEqual([
      { file: 'a.ts', line: 1, specifier: 'burgeon:cap/http', attributes: [['hosts', 'api.example.com']] },
      { file: 'a.ts', line: 2, specifier: 'burgeon:cap/clock', attributes: [['a-b', 'c']] },
    ]);
  });
});

const filesOf = (code: string | string[]): { path: string; text: string }[] =>
  [code].flat().map((text, index) => ({ path: index === 0 ? 'index.js' : `more${index}.ts`, text }));

const isTyped = (text: string): boolean => /\b(?:type|enum|as any|keyof)\b/.test(text);

describe('what code needs', () => {
  it.each(codeRows)('is right for $name', ({ code, needs }) => {
    const files = filesOf(code).map(({ path, text }) => ({ path: isTyped(text) ? path.replace('.js', '.ts') : path, text }));
    const { imports, dynamic, unread } = importsOf(files);
    const found = imports.flatMap(
      ({ specifier, attributes }) => capabilityOfImport(specifier, Object.fromEntries(attributes)) ?? [],
    );
    expect({ found: canonicalCapabilities(found), dynamic, unread }).toEqual({
      found: canonicalCapabilities(needs),
      dynamic: [],
      unread: [],
    });
  });
  it.each(refusedRows)('is not guessed for $name', async ({ code, told }) => {
    const found = await capabilities.run(codeCandidate(code), { signal: new AbortController().signal, scratch: async () => '' });
    expect(found.filter(({ severity }) => severity === 'error').map((each) => each.code)).toContain(told);
  });
  it.each(dataRows)('is read off an interface with $name', ({ description, needs }) => {
    const plain = { ...candidateOf().interface, name: 'x', locations: [], auth: {}, operations: [], entities: [] };
    expect(canonicalCapabilities(inferCapabilities({ ...plain, ...description }, 'api/x'))).toEqual(canonicalCapabilities(needs));
  });
  it.each(wasmRows)('is read off a binary that imports $name', ({ module, import: name, signature, kinds }) => {
    const { files } = wasmCandidate(importing(module, name, signature));
    const { powers, refused, fault } = readWasmNeeds(files, 'module.wasm');
    expect({ kinds: powers.map(({ kind }) => kind), refused, fault }).toEqual({ kinds, refused: [], fault: undefined });
  });
  it('was annotated for many', () => {
    expect(codeRows.length + refusedRows.length + dataRows.length + wasmRows.length).toBeGreaterThanOrEqual(190);
  });
});

describe('what is declared against what is needed', () => {
  it.each(declaredRows)('is judged right for $name', async ({ declared, code, told }) => {
    const candidate = codeCandidate(code, { capabilities: declared });
    const found = await capabilities.run(candidate, { signal: new AbortController().signal, scratch: async () => '' });
    expect(found.map((each) => each.code).toSorted()).toEqual(told.toSorted());
  });
});
