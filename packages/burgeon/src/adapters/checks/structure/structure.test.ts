import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSuite } from '@burgeon/kit/suites';
import type { Candidate } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { candidateOf, codeCandidate, petInterface } from '../fixtures/candidates.ts';
import { structure } from './index.ts';

const scratch = (): Promise<string> => mkdtemp(join(tmpdir(), 'burgeon-structure-'));
const withFile = (path: string, text = ''): Candidate => candidateOf({ files: [{ path, text }] });
const card = '/manifest/extensions/dev.burgeon.module';
const operation = (change: Record<string, unknown>): Candidate => {
  const description = petInterface();
  Object.assign(description.operations[0] as object, change);
  return candidateOf({ description });
};

checkSuite(
  { describe, it, expect },
  {
    check: structure,
    scratch,
    valid: [
      { name: 'a data module', candidate: candidateOf() },
      { name: 'a code module', candidate: codeCandidate('export {};') },
      { name: 'a binary file', candidate: withFile('module.wasm', 'AGFzbQEAAAA=') },
      { name: 'files in folders', candidate: withFile('docs/a-b_c.1.md') },
      {
        name: 'limits and state',
        candidate: candidateOf({ card: { limits: { wallMs: 100 }, state: { version: 1 }, dependencies: { 'api/a': '^1.0.0' } } }),
      },
    ],
    invalid: [
      {
        name: 'a binary file that is text',
        candidate: withFile('module.wasm', 'not base64'),
        code: 'file-invalid',
        path: '/files/2',
      },
      { name: 'a binary file with two texts', candidate: withFile('module.wasm', 'AGFzbQEAAAB='), code: 'file-invalid' },
      {
        name: 'an unknown field',
        candidate: candidateOf({ manifest: { extra: 1 } }),
        code: 'manifest-invalid',
        path: '/manifest/extra',
      },
      {
        name: 'a bad name',
        candidate: candidateOf({ manifest: { name: 'A--b' } }),
        code: 'manifest-invalid',
        path: '/manifest/name',
      },
      {
        name: 'no extension',
        candidate: candidateOf({ manifest: { extensions: { other: {} } } }),
        code: 'manifest-invalid',
        path: '/manifest/extensions/dev.burgeon.module',
      },
      { name: 'a bad id', candidate: candidateOf({ card: { id: 'nowhere/x' } }), code: 'manifest-invalid', path: `${card}/id` },
      {
        name: 'a bad kind',
        candidate: candidateOf({ card: { kind: 'magic' as 'data' } }),
        code: 'manifest-invalid',
        path: `${card}/kind`,
      },
      {
        name: 'another contract',
        candidate: candidateOf({ card: { contract: 2 as 1 } }),
        code: 'manifest-invalid',
        path: `${card}/contract`,
      },
      {
        name: 'a limit of nothing',
        candidate: candidateOf({ card: { limits: { wallMs: 0 } } }),
        code: 'manifest-invalid',
        path: `${card}/limits/wallMs`,
      },
      { name: 'no entry', candidate: candidateOf({ card: { kind: 'code' } }), code: 'manifest-invalid', path: `${card}/entry` },
      {
        name: 'an entry that is not there',
        candidate: candidateOf({ card: { kind: 'code', entry: 'x.ts' } }),
        code: 'entry-missing',
        path: `${card}/entry`,
      },
      {
        name: 'a version that is none',
        candidate: candidateOf({ manifest: { version: '1.0.x' } }),
        code: 'version-invalid',
        path: '/manifest/version',
      },
      {
        name: 'a range that is none',
        candidate: candidateOf({ card: { dependencies: { 'api/a': 'new' } } }),
        code: 'range-invalid',
        path: `${card}/dependencies/api~1a`,
      },
      ...[
        '../a',
        'a/../../b',
        '/etc/passwd',
        'a\\b',
        'C:/a',
        'a//b',
        './a',
        'a/.',
        'a\0b',
        'con.txt',
        'a./b',
        'a ',
        '',
        `${'a'.repeat(241)}`,
        'a\u202eb',
      ].map((path) => ({
        name: `the path ${JSON.stringify(path.slice(0, 20))}`,
        candidate: withFile(path),
        code: 'path-invalid',
        path: '/files/2/path',
      })),
      { name: 'the same path twice', candidate: withFile('Plugin.JSON'), code: 'path-duplicate', path: '/files/2/path' },
      {
        name: 'too many files',
        candidate: candidateOf({ files: Array.from({ length: 4_100 }, (_, index) => ({ path: `f${index}`, text: '' })) }),
        code: 'bundle-too-large',
      },
      {
        name: 'a digest of something else',
        candidate: { ...candidateOf(), digest: 'b'.repeat(64) },
        code: 'digest-differs',
        path: '/digest',
      },
      {
        name: 'capabilities of something else',
        candidate: { ...candidateOf(), capabilitiesDigest: '' },
        code: 'digest-differs',
        path: '/capabilitiesDigest',
      },
      {
        name: 'a manifest file that says something else',
        candidate: { ...candidateOf(), manifest: candidateOf({ manifest: { version: '2.0.0' } }).manifest },
        code: 'file-differs',
      },
      {
        name: 'an interface file that says something else',
        candidate: { ...candidateOf(), interface: { ...petInterface(), version: '2' } },
        code: 'file-differs',
      },
      { name: 'no manifest file', candidate: { ...candidateOf(), files: [] }, code: 'file-missing' },
      {
        name: 'a manifest file that is not JSON',
        candidate: { ...candidateOf(), files: [{ path: 'plugin.json', text: '{' }] },
        code: 'file-invalid',
      },
      {
        name: 'an interface of another format',
        candidate: candidateOf({ description: { ...petInterface(), format: 'x' as 'burgeon.interface/1' } }),
        code: 'interface-invalid',
        path: '/interface/format',
      },
      {
        name: 'an unknown effect',
        candidate: operation({ effect: 'boom' }),
        code: 'interface-invalid',
        path: '/interface/operations/0/effect',
      },
      {
        name: 'an input that is no object',
        candidate: operation({ input: { type: 'string' } }),
        code: 'interface-invalid',
        path: '/interface/operations/0/input/properties',
      },
      {
        name: 'an operation id that injects',
        candidate: operation({ id: 'a"; b' }),
        code: 'interface-invalid',
        path: '/interface/operations/0/id',
      },
      {
        name: 'an auth scheme that is not there',
        candidate: operation({ auth: [{ other: [] }] }),
        code: 'auth-missing',
        path: '/interface/operations/0/auth',
      },
      {
        name: 'an entity without its operation',
        candidate: operation({ id: 'other' }),
        code: 'operation-missing',
        path: '/interface/entities/0/operations/get',
      },
      {
        name: 'two operations of one name',
        candidate: candidateOf({
          description: { ...petInterface(), operations: [...petInterface().operations, ...petInterface().operations] },
        }),
        code: 'operation-duplicate',
        path: '/interface/operations/1/id',
      },
      {
        name: 'a channel with unknown auth',
        candidate: candidateOf({
          description: {
            ...petInterface(),
            channels: [{ id: 'c', direction: 'in', message: true, auth: [{ x: [] }], bindings: {} }],
          },
        }),
        code: 'auth-missing',
        path: '/interface/channels/0/auth',
      },
    ],
  },
);
