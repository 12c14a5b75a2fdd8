import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, type Ran, type RunOptions } from './fixtures/harness.ts';

const petstore = fileURLToPath(new URL('./fixtures/petstore.yaml', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'burgeon-cli-trust-'));
const [here, there] = [join(folder, 'here'), join(folder, 'there')];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (home: string, words: string[], options?: RunOptions): Promise<Ran> => runCommand([...words, '--home', home], options);
const json = async <T = JsonObject>(home: string, words: string[]): Promise<T> =>
  JSON.parse((await at(home, [...words, '--json'])).stdout) as T;

beforeAll(async () => {
  for (const home of [here, there]) await at(home, ['init', '--policy', 'unattended']);
  await at(here, ['add', petstore]);
});

describe('keys and packages on the command line', () => {
  const archive = join(folder, 'api-petstore-1.0.0.tgz');
  const keyFile = join(folder, 'key.json');

  it('packages a module, once', async () => {
    const { code, stdout } = await at(here, ['package', 'petstore', '--out', folder]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /Wrote api\/petstore@1\.0\.0[^]*integrity\s+sha512-[^]*burgeon add api-petstore-1\.0\.0\.tgz --integrity/,
    );
    const before = readFileSync(archive);
    expect(await at(here, ['package', 'petstore', '--out', archive])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--force'),
    });
    expect(await json(here, ['package', 'petstore', '--out', archive, '--force'])).toMatchObject({
      out: archive,
      bytes: before.length,
    });
    expect(readFileSync(archive)).toEqual(before);
    expect(await at(here, ['package', 'petstore', '--out', join(folder, 'no', 'folder')])).toMatchObject({ code: 1 });
  });

  it('tells what was signed', async () => {
    const { stdout } = await at(here, ['attest', 'petstore']);
    expect(stdout).toMatch(/api\/petstore@1\.0\.0\s+verified/);
    expect(stdout).toContain('https://slsa.dev/provenance/v1');
    expect(await json(here, ['attest', 'petstore'])).toMatchObject({
      counts: true,
      envelope: { payloadType: expect.any(String) },
    });
  });

  it('adds a publisher, takes the package in, and revokes', async () => {
    expect(await at(there, ['add', archive])).toMatchObject({ code: 1, stderr: expect.stringContaining('keys add') });
    const exported = await at(here, ['keys', 'export', '--name', 'Here']);
    writeFileSync(keyFile, exported.stdout);
    const added = await at(there, ['keys', 'add', keyFile, '--trust', 'verified', '--scope', 'api/*', '--until', '2099-01-01']);
    expect(added.stdout).toMatch(/Known Here[^]*verified, may publish api\/\*/);
    expect(await at(there, ['keys', 'add', 'nonsense'])).toMatchObject({ code: 1 });
    expect(await at(there, ['keys', 'add', '-'], { stdin: exported.stdout })).toMatchObject({ code: 0 });
    expect(await at(there, ['keys', 'add', keyFile, '--trust', 'bundled'])).toMatchObject({ code: 1 });
    expect(await at(there, ['add', archive])).toMatchObject({ code: 1, stderr: expect.stringContaining('--allow-fresh') });
    expect(await at(there, ['add', archive, '--integrity', 'sha1-abc', '--allow-fresh'])).toMatchObject({ code: 1 });
    expect((await at(there, ['add', archive, '--allow-fresh'])).stdout).toContain('Published by Here (verified)');
    const keys = await json<{ id: string; role: string }[]>(there, ['keys', 'list']);
    const key = keys.find(({ role }) => role === 'publisher')?.id ?? '';
    expect((await at(there, ['keys', 'list'])).stdout).toMatch(/Here\s+verified\s+api\/\*\s+until 2099-01-01/);
    expect(await at(there, ['keys', 'revoke', key, '--since', 'soon', '--yes'])).toMatchObject({ code: 1 });
    expect(await at(there, ['keys', 'revoke', key])).toMatchObject({ code: 2 });
    expect((await at(there, ['keys', 'revoke', key, '--why', 'test', '--yes'])).stdout).toContain(
      'No longer to be called: api/petstore',
    );
    expect((await at(there, ['keys', 'list'])).stdout).toContain('revoked');
    expect((await at(there, ['attest', 'petstore'])).stdout).toContain('was revoked: test');
    expect(await at(there, ['package', 'petstore'])).toMatchObject({ code: 1, stderr: expect.stringContaining('revoked') });
  });

  it('rotates the own key', async () => {
    expect((await at(here, ['keys', 'rotate'])).stdout).toMatch(/Signs now:/);
    const { stdout } = await at(here, ['keys', 'list']);
    expect(stdout).toMatch(/owner\s+signs[^]*owner\s+signed before/);
    expect((await at(here, ['attest', 'petstore'])).stdout).toMatch(/signed by\s+[0-9a-f]{16}, [0-9a-f]{16}/);
  });
});
