import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, type Ran } from './fixtures/harness.ts';

let home = '';
const cli = (words: string[]): Promise<Ran> => runCommand([...words, '--home', home]);

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'burgeon-access-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('access', () => {
  it('grants a key, shows its value once, lists it and revokes it', async () => {
    expect((await cli(['access', 'list'])).stdout).toContain('No API keys yet');
    const granted = await cli([
      'access',
      'grant',
      '--role',
      'operator',
      '--name',
      'ci',
      '--modules',
      'api/*',
      'db/shop',
      '--expires',
      '12h',
    ]);
    const value = /^bgk_(\w+)_[\w-]{43}$/m.exec(granted.stdout)?.[0] ?? '';
    expect(value).not.toBe('');
    expect(granted.stdout).toContain('operator, api/* db/shop');
    await cli(['access', 'grant', '--role', 'viewer', '--expires', 'never']);
    const listed = await cli(['access', 'list']);
    expect(listed.stdout).toMatch(new RegExp(`${value.slice(-4)} +operator +api/\\* db/shop +valid, ends in 12 h +never +ci`));
    expect(listed.stdout).toMatch(/viewer +all +valid +never/);
    expect(listed.stdout).not.toContain(value);
    expect((await cli(['access', 'revoke', value])).stdout).toContain('Revoked');
    expect((await cli(['access', 'list'])).stdout).toMatch(/operator .* revoked/);
  });

  it.each<[string[], RegExp]>([
    [['access', 'grant'], /A key needs a role/],
    [['access', 'grant', '--role', 'boss'], /There is no role "boss"/],
    [['access', 'grant', '--role', 'viewer', '--expires', 'soon'], /"soon" is no span of time/],
    [['access', 'grant', '--role', 'viewer', '--modules', 'all'], /"all" is no pattern of modules/],
    [['access', 'revoke', 'nothing'], /There is no API key "nothing"/],
    [['serve', '--port', '0', '--trust-proxy', 'nobody'], /"nobody" is no address of a proxy/],
    [['serve', '--port', '0', '--rate', '0'], /--rate is "0"/],
    [['serve', '--port', '0', '--public', 'here'], /"here" is no address of a server/],
  ])('%j fails clearly', async (words, says) => {
    const { code, stderr } = await cli(words);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(says);
  });
});
