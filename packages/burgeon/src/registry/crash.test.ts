import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { manifestExtension } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { sqlite } from '../adapters/stores/sqlite.ts';
import { systemClock } from '../base/clock.ts';
import { openAudit } from '../security/audit.ts';
import { openOwnerKey } from '../security/keys.ts';
import { openBlobs } from './blobs.ts';
import { folder } from './fixtures/modules.ts';
import { openRegistry } from './registry.ts';

describe('kill -9', () => {
  const importOf = (path: string): string => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href);
  const writer = (home: string): string => `
    import { openHome } from ${importOf('../base/home.ts')};
    import { sqlite } from ${importOf('../adapters/stores/sqlite.ts')};
    import { systemClock as clock } from ${importOf('../base/clock.ts')};
    import { createOwnerKey, hasOwnerKey, openOwnerKey } from ${importOf('../security/keys.ts')};
    import { openAudit } from ${importOf('../security/audit.ts')};
    import { bundleDigest } from ${importOf('../security/bundle.ts')};
    import { capabilitiesDigest } from ${importOf('../security/capabilities.ts')};
    import { openBlobs } from ${importOf('./blobs.ts')};
    import { openRegistry } from ${importOf('./registry.ts')};
    const home = await openHome(${JSON.stringify(home)}, { clock, waitMs: 5000 });
    const signer = (await hasOwnerKey(home)) ? await openOwnerKey(home) : await createOwnerKey(home);
    const store = await sqlite.open(home.path('store.db'), { clock });
    const registry = openRegistry({ store, blobs: await openBlobs(home.path('blobs')), audit: openAudit({ store, clock, key: signer }), clock, signer });
    const from = (await registry.versions('api/a').catch(() => [])).length;
    for (let n = from; ; n += 1) {
      const version = '1.' + n + '.0';
      const source = { kind: 'openapi', location: '', digest: '' };
      const card = { id: 'api/a', kind: 'data', host: 'interface', capabilities: [], dependencies: {}, provenance: { generator: '', source, fingerprint: '' } };
      const manifest = { name: 'api.a', version, extensions: { ${JSON.stringify(manifestExtension)}: card } };
      const files = [{ path: 'plugin.json', text: JSON.stringify(manifest) }, { path: 'interface.json', text: '{"operations":[]}' }];
      const candidate = { manifest, interface: { operations: [] }, files, digest: bundleDigest(files), capabilitiesDigest: capabilitiesDigest([]) };
      await registry.stage(candidate, { checks: [], trial: {} });
      await registry.activate({ id: 'api/a', version }, { request: 'r', receipts: [], digest: candidate.digest, capabilitiesDigest: candidate.capabilitiesDigest });
      process.stdout.write(version + '\\n');
    }`;

  const run = (home: string, atLeast: number, delayMs: number): Promise<string[]> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', writer(home)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += String(chunk);
        if (text.split('\n').length > atLeast) setTimeout(() => child.kill('SIGKILL'), delayMs);
      });
      child.on('close', () => resolve(text.trimEnd().split('\n')));
    });

  it('leaves the state before or after, never between', async () => {
    const home = join(folder(), 'killed');
    for (const [round, delayMs] of [0, 1, 3].entries()) {
      const promised = await run(home, 3, delayMs);
      const store = await sqlite.open(join(home, 'store.db'), { clock: systemClock });
      const signer = await openOwnerKey({
        dir: home,
        path: (...parts) => join(home, ...parts),
        interrupted: false,
        close: async () => {},
      });
      const audit = openAudit({ store, clock: systemClock, key: signer });
      const blobs = await openBlobs(join(home, 'blobs'));
      const registry = openRegistry({ store, blobs, audit, clock: systemClock, signer });
      const versions = await registry.versions('api/a');
      const active = versions.filter(({ state }) => state === 'active');
      expect(active, `round ${round}`).toHaveLength(1);
      expect(versions.map(({ version }) => version)).toEqual(expect.arrayContaining(promised));
      expect((await registry.load('api/a')).manifest.version).toBe(active[0]?.version);
      // A version that the kill caught between its two changes still waits, unsigned; all that was acknowledged is signed.
      for (const { version, state, signature } of versions) {
        expect(state === 'pending', version).toBe(signature === undefined);
        if (promised.includes(version)) expect(state, version).not.toBe('pending');
      }
      expect(await audit.verify()).toMatchObject({ ok: true });
      expect(readdirSync(join(home, 'blobs')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      await store.close();
    }
  });
});
