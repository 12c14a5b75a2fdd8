import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../base/log.ts';
import { bundleDigest } from '../security/bundle.ts';
import { approve, candidateOf, evidence, folder, key, open, release } from './fixtures/modules.ts';
import { createGitMirror } from './git-mirror.ts';

let count = 0;
const setUp = async () => {
  const fixture = await open();
  const repository = join(folder(), `git-${++count}`);
  const warnings: string[] = [];
  const log = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  const mirror = createGitMirror({ registry: fixture.registry, folder: () => repository, log });
  const git = (...words: string[]): string =>
    execFileSync('git', ['--git-dir', repository, ...words], { encoding: 'utf8' }).trimEnd();
  return { ...fixture, fixture, repository, mirror, git, warnings };
};

describe('the git repository', () => {
  it('holds each released version with who approved it', async () => {
    const { fixture, mirror, git, registry } = await setUp();
    await release(fixture, 'api/a', '1.0.0');
    mirror.follow();
    await release(fixture, 'api/b', '1.0.0');
    await release(fixture, 'api/a', '2.0.0');
    await registry.stage(candidateOf('api/a', '3.0.0'), evidence);
    mirror.follow();
    await mirror.close();
    expect(git('tag', '--list').split('\n')).toEqual(['api/a@1.0.0', 'api/a@2.0.0', 'api/b@1.0.0']);
    expect(git('log', '--format=%s', 'main').split('\n').toSorted()).toEqual(['api/a 1.0.0', 'api/a 2.0.0', 'api/b 1.0.0']);
    const message = git('log', '-1', '--format=%B%an %ae', 'api/a@2.0.0');
    expect(message).toContain('Request: req_1');
    expect(message).toContain(`Key: ${key.id}`);
    expect(message).toContain(`owner ${key.id}@burgeon.invalid`);
    expect(git('show', 'api/a@2.0.0:api/a/src/index.ts')).toBe("export const version = '2.0.0';");
    expect(git('show', 'main:api/b/src/index.ts')).toContain('1.0.0');
    expect(git('fsck', '--strict')).toBe('');
    const before = git('rev-parse', 'main');
    mirror.follow();
    await mirror.close();
    expect(git('rev-parse', 'main')).toBe(before);
  });

  it('catches up with what it missed, and stops nothing', async () => {
    const { fixture, mirror, git, warnings } = await setUp();
    vi.stubEnv('PATH', '/nowhere');
    await release(fixture, 'api/a', '1.0.0');
    mirror.follow();
    await mirror.close();
    vi.unstubAllEnvs();
    expect(warnings).toHaveLength(1);
    await release(fixture, 'api/a', '1.1.0');
    mirror.follow();
    await mirror.close();
    expect(git('tag', '--list').split('\n')).toEqual(['api/a@1.0.0', 'api/a@1.1.0']);
  });

  it('runs no hook, and takes no name that means something to git', async () => {
    const { fixture, mirror, git, repository, warnings, registry } = await setUp();
    await release(fixture, 'api/a', '1.0.0');
    mirror.follow();
    await mirror.close();
    const trace = join(folder(), 'hook-ran');
    mkdirSync(join(repository, 'hooks'), { recursive: true });
    for (const name of ['reference-transaction', 'post-update', 'post-commit', 'update', 'fsmonitor-watchman']) {
      const hook = join(repository, 'hooks', name);
      writeFileSync(hook, `#!/bin/sh\ntouch ${trace}\n`);
      chmodSync(hook, 0o755);
    }
    execFileSync('git', ['--git-dir', repository, 'config', 'core.fsmonitor', join(repository, 'hooks', 'update')]);
    const names = [
      '.git/hooks/post-checkout',
      '.GIT/config',
      'git~1/x',
      'a/.gitmodules',
      '.g\u200dit/config',
      'ok "q" \u00fc\t.ts'.replace('\t', ' '),
    ];
    const candidate = candidateOf('api/a', '1.1.0');
    const files = [...candidate.files, ...names.map((path) => ({ path, text: 'x' }))];
    const staged = await registry.stage({ ...candidate, files, digest: bundleDigest(files) }, evidence);
    await registry.activate('api/a@1.1.0', approve(staged));
    mirror.follow();
    await mirror.close();
    expect(existsSync(trace)).toBe(false);
    expect(warnings).toHaveLength(5);
    expect(
      execFileSync('git', ['--git-dir', repository, 'ls-tree', '-r', '-z', '--name-only', 'main'], { encoding: 'utf8' })
        .split('\0')
        .filter(Boolean)
        .toSorted(),
    ).toEqual(['api/a/interface.json', 'api/a/ok "q" \u00fc .ts', 'api/a/plugin.json', 'api/a/src/index.ts'].toSorted());
    const tree = join(folder(), 'checked-out');
    execFileSync('git', ['clone', '--quiet', repository, tree], { env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' } });
    expect(existsSync(join(tree, 'api/a/plugin.json'))).toBe(true);
    expect(git('fsck', '--strict')).toBe('');
  });
});
