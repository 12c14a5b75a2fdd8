import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BundleFile, Candidate, Interface } from '@burgeon/kit';
import { checkSuite } from '@burgeon/kit/suites';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidateOf, codeCandidate, petInterface, wasmCandidate } from '../fixtures/candidates.ts';
import { secrets } from './index.ts';

/** Written in parts, so that no scanner of this repository takes them for real ones. */
const gitHub = ['ghp', '_wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('');
const aws = ['AKIA', 'QYLPMN5HKVRZ3TXG'].join('');
const stripe = ['sk', '_live_4eC39HqLyjWDarjtT1zdp7dc'].join('');
const slack = ['xox', 'b-263594206564-2343594206574-FGqddMF8t08v8N7Oq4i57vs1'].join('');
const google = ['AIza', 'SyD3kf9aLmQ2w8Xc7Vb6Nz5Hj4Gt1Rp0YeU'].join('');
const sendGrid = ['SG', '.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr'].join('');
const jsonWebToken = [
  Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url'),
  Buffer.from('{"sub":"7f3a","name":"Ada","admin":true}').toString('base64url'),
  'dBjftJeZ4CVPmB92K27uhbUJU1p1rwW1gFWFOEjXk0s',
].join('.');
const pem = `-----BEGIN ${'PRIVATE'} KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n'.repeat(3)}-----END ${'PRIVATE'} KEY-----`;
const unguessable = 'q8Zr4Tn1VxB7mKd2Lw9PsHc3';

const withFile = (path: string, text: string): Candidate => {
  const made = codeCandidate('export const operations = {};');
  return { ...made, files: [...made.files, { path, text }] };
};
const code = (text: string): Candidate => codeCandidate(text);
const described = (change: (description: Interface) => void, files: BundleFile[] = []): Candidate => {
  const description = petInterface();
  change(description);
  return candidateOf({ description, files });
};
const found = (candidate: Candidate) => secrets.run(candidate, { signal: new AbortController().signal, scratch: async () => '' });

checkSuite(
  { describe, it, expect },
  {
    check: secrets,
    scratch: () => mkdtemp(join(tmpdir(), 'burgeon-secrets-')),
    valid: [
      { name: 'a module with digests in its card', candidate: candidateOf() },
      {
        name: 'a digest',
        candidate: code(`const digest = '${'9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'}';`),
      },
      {
        name: 'a key that is a digest',
        candidate: code(`const key = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';`),
      },
      { name: 'a UUID under the name of a token', candidate: code(`const token = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';`) },
      {
        name: 'the integrity of a lock file',
        candidate: withFile('package-lock.json', `{"integrity": "sha512-${'q8Zr4Tn1VxB7mKd2Lw9PsHc3'.repeat(3)}=="}`),
      },
      { name: 'a name of a secret', candidate: code(`secret.has('skill/greeter/token'); const apiKey = 'api/petstore/key';`) },
      {
        name: 'places to be filled in',
        candidate: withFile('README.md', 'TOKEN=<your token>\npassword: ${PASSWORD}\nurl: postgres://user:password@localhost/db'),
      },
      { name: 'the key of the documentation', candidate: code(`const id = '${['AKIA', 'IOSFODNN7EXAMPLE'].join('')}';`) },
      { name: 'a token of crosses', candidate: code(`const token = 'ghp_${'x'.repeat(36)}';`) },
      {
        name: 'the frame of a key',
        candidate: withFile('README.md', `-----BEGIN ${'PRIVATE'} KEY-----\n...\n-----END ${'PRIVATE'} KEY-----`),
      },
      {
        name: 'words under the name of a token',
        candidate: code(
          `const tokenKind = 'identifierWithNoSpaces'; const keyword = 'function'; const passwordHint = 'your-mothers-name';`,
        ),
      },
      {
        name: 'the token of every introduction',
        candidate: code(
          `const t = '${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${Buffer.from('{"sub":"1234567890"}').toString('base64url')}.${'dBjftJeZ4CVPmB92K27uhbUJU1p1rwW1gFWFOEjXk0s'}';`,
        ),
      },
      {
        name: 'a picture in base64',
        candidate: code(
          `const picture = '${Buffer.from(Array.from({ length: 400 }, (_, index) => (index * 73) % 256)).toString('base64')}';`,
        ),
      },
      {
        name: 'a token in an example of a description',
        candidate: described((description) => {
          description.operations[0]!.examples = [{ name: 'one', input: { id: gitHub }, output: { name: 'Ada' } }];
        }),
      },
    ],
    invalid: [
      { name: 'a GitHub token', candidate: code(`const t = '${gitHub}';`), code: 'secret-token', path: 'index.ts:1:12' },
      { name: 'an AWS key in a comment', candidate: code(`// ${aws}`), code: 'secret-token' },
      {
        name: 'a Stripe key in a page',
        candidate: withFile('docs/guide.md', `Use ${stripe}.`),
        code: 'secret-token',
        path: 'docs/guide.md:1:5',
      },
      {
        name: 'a Slack token in a fixture',
        candidate: withFile('fixtures/a.json', `{"a":\n"${slack}"}`),
        code: 'secret-token',
        path: 'fixtures/a.json:2:2',
      },
      {
        name: 'a Google key in the manifest',
        candidate: candidateOf({ manifest: { description: google } }),
        code: 'secret-token',
      },
      { name: 'a SendGrid key', candidate: code(`send('${sendGrid}')`), code: 'secret-token' },
      { name: 'a JSON Web Token', candidate: code(`const t = '${jsonWebToken}';`), code: 'secret-token' },
      { name: 'a private key', candidate: withFile('key.pem', pem), code: 'secret-private-key' },
      { name: 'a private key on one line', candidate: code(`const k = ${JSON.stringify(pem)};`), code: 'secret-private-key' },
      {
        name: 'a password in an address',
        candidate: code(`fetch('https://ada:Lovelace1815@db.example.com/')`),
        code: 'secret-password',
      },
      {
        name: 'a connection string',
        candidate: withFile('a.txt', 'postgres://shop:s3cr3tW0rd@10.0.0.5:5432/shop'),
        code: 'secret-password',
      },
      {
        name: 'a connection string of ADO.NET',
        candidate: withFile('a.txt', 'Server=db.local;Database=x;User Id=sa;Password=Zx81Spectrum;'),
        code: 'secret-password',
      },
      {
        name: 'Basic authentication',
        candidate: code(`const h = { Authorization: 'Basic ${Buffer.from('ada:Lovelace1815').toString('base64')}' };`),
        code: 'secret-password',
      },
      { name: 'a value nobody could guess', candidate: code(`const apiKey = '${unguessable}';`), code: 'secret-value' },
      { name: 'the same as a member', candidate: code(`const o = { "client_secret": "${unguessable}" };`), code: 'secret-value' },
      {
        name: 'a hexadecimal key',
        candidate: code(`const signingKey = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';`),
        code: 'secret-value',
      },
      {
        name: 'a file of settings',
        candidate: withFile('settings.env', `NAME=x\nDB_TOKEN=${unguessable}\n`),
        code: 'secret-value',
        path: 'settings.env:2:10',
      },
      { name: 'a password', candidate: code(`const password = 'Tr0ub4dor&3';`), code: 'secret-password' },
      { name: 'a password in Polish', candidate: code(`const hasło = 'Gżeg7!żółka';`), code: 'secret-password' },
      {
        name: 'a token in base64',
        candidate: code(`const t = atob('${Buffer.from(gitHub).toString('base64')}');`),
        code: 'secret-token',
      },
      {
        name: 'a token in hexadecimal',
        candidate: code(`const t = '${Buffer.from(stripe).toString('hex')}';`),
        code: 'secret-token',
      },
      { name: 'a token in pieces', candidate: code(`const t = 'ghp_' + '${gitHub.slice(4)}';`), code: 'secret-token' },
      { name: 'a token in a binary', candidate: wasmCandidate(Buffer.from(`\0asm\0${gitHub}\0`)), code: 'secret-token' },
      {
        name: 'a default of a description',
        candidate: described((description) => {
          description.operations[0]!.input.properties['id'] = { type: 'string', default: gitHub };
        }),
        code: 'secret-token',
      },
      {
        name: 'an example of a description',
        candidate: described((description) => {
          description.operations[0]!.examples = [{ name: 'one', input: { id: gitHub } }];
        }),
        code: 'secret-token',
        severity: 'warning',
      },
    ],
  },
);

describe('what is told of a secret', () => {
  const planted = fc.constantFrom(gitHub, aws, stripe, slack, google, sendGrid, jsonWebToken, unguessable, 'Tr0ub4dor&3');

  it('never holds more than its first four characters', async () => {
    await fc.assert(
      fc.asyncProperty(planted, fc.constantFrom('plain', 'base64', 'hex', 'url'), async (value, form) => {
        const written = {
          plain: value,
          base64: Buffer.from(value).toString('base64'),
          hex: Buffer.from(value).toString('hex'),
          url: `x://a:${value}@h`,
        }[form];
        const text = JSON.stringify(await found(code(`const password = '${written}';`)));
        for (let at = 0; at + 5 <= value.length; at++) expect(text).not.toContain(value.slice(at, at + 5));
      }),
      { numRuns: 60 },
    );
  });

  it('is every one of them', async () => {
    const all = [gitHub, aws, stripe, slack].map((value) => `a('${value}');`);
    expect((await found(code(all.join('\n')))).map(({ path }) => path)).toEqual([
      'index.ts:1:4',
      'index.ts:2:4',
      'index.ts:3:4',
      'index.ts:4:4',
    ]);
  });

  it('takes time in proportion to a text made to take long', async () => {
    const hostile = [
      'eyJ'.repeat(50_000),
      'a://b:'.repeat(30_000),
      '-----BEGIN PRIVATE KEY-----'.repeat(3_000),
      'password='.repeat(20_000),
      'x;'.repeat(80_000),
    ];
    for (const text of hostile) await found(withFile('a.txt', text));
  });

  it('finds what lies where the parts of a long text meet', async () => {
    const text = `${' '.repeat(256 * 1024 - 20)}${['glpat', '-8Zr4Tn1VxB7mKd2Lw9Ps'].join('')} ${gitHub}`;
    expect((await found(withFile('a.txt', text))).length).toBe(2);
  });
});
