import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Candidate } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { bundleDigest } from '../security/bundle.ts';
import { approve, candidateOf, evidence, failure, open, reach, release } from './fixtures/modules.ts';
import { inspect } from './inspect.ts';
import { type VersionRecord, tables } from './records.ts';

describe('the life of a module', () => {
  it('begins as a version that waits and cannot be loaded', async () => {
    const { registry } = await open();
    const record = await registry.stage(candidateOf('api/petstore', '1.0.0'), evidence);
    expect(record).toMatchObject({
      id: 'api/petstore',
      version: '1.0.0',
      state: 'pending',
      kind: 'data',
      host: 'interface',
      operations: 2,
      ...evidence,
    });
    expect(record.files.map(({ path }) => path)).toEqual(['interface.json', 'plugin.json', 'src/index.ts']);
    expect(await failure(registry.load('api/petstore'))).toMatchObject({
      code: 'APPROVAL_PENDING',
      hint: expect.stringMatching(/burgeon approvals/) as string,
    });
    await registry.attach('api/petstore', 'req_9');
    expect(await failure(registry.load('petstore'))).toMatchObject({
      code: 'APPROVAL_PENDING',
      hint: 'Run burgeon approve req_9.',
    });
  });

  it('goes on with its approval: signed, loaded, called', async () => {
    const fixture = await open();
    const { registry, clock, audit } = fixture;
    expect(await release(fixture, 'api/petstore', '1.0.0')).toMatchObject({ state: 'active', request: 'req_1' });
    const module = await registry.load('petstore');
    expect(module.manifest.version).toBe('1.0.0');
    expect(module.interface.operations).toHaveLength(2);
    expect([module.file('src/index.ts'), module.file('none')]).toEqual([`export const version = '1.0.0';\n`, undefined]);
    expect(module.digest).toBe((await registry.show('petstore')).digest);
    expect((await registry.show('petstore')).lastUsedAt).toBeUndefined();
    clock.advance(60_000);
    registry.touch({ id: 'api/petstore', version: '1.0.0' });
    expect((await registry.show('petstore')).lastUsedAt).toBe('1970-01-01T00:01:00.000Z');
    await registry.close();
    expect((await fixture.store.get(tables.usage, 'api/petstore@1.0.0'))?.value).toEqual({
      lastUsedAt: '1970-01-01T00:01:00.000Z',
    });
    expect((await audit.list({ module: 'api/petstore' })).map(({ kind }) => kind)).toEqual(['module.staged', 'module.activated']);
  });

  it('supersedes the version before, and goes back', async () => {
    const fixture = await open();
    const { registry } = fixture;
    for (const version of ['1.0.0', '1.10.0', '1.9.0']) await release(fixture, 'api/a', version);
    const states = async (): Promise<string[]> =>
      (await registry.versions('api/a')).map(({ version, state }) => `${version} ${state}`);
    expect(await states()).toEqual(['1.0.0 superseded', '1.9.0 active', '1.10.0 superseded']);
    expect(await registry.rollback('api/a')).toMatchObject({ version: '1.0.0', state: 'active' });
    expect((await failure(registry.rollback('api/a'))).code).toBe('VERSION_NOT_FOUND');
    expect(await registry.rollback('api/a', '1.10.0')).toMatchObject({ version: '1.10.0' });
    expect(await registry.rollback('api/a', '1.10.0')).toMatchObject({ state: 'active' });
    expect(await states()).toEqual(['1.0.0 superseded', '1.9.0 superseded', '1.10.0 active']);
    expect((await registry.load('api/a')).manifest.version).toBe('1.10.0');
    expect((await registry.load('api/a@1.0.0')).manifest.version).toBe('1.0.0');
  });

  it('never goes back to what could not be loaded', async () => {
    const fixture = await open();
    const { registry, store } = fixture;
    for (const version of ['1.0.0', '1.1.0']) await release(fixture, 'api/a', version);
    const kept = await store.get(tables.versions, 'api/a@1.0.0');
    const value = { ...kept?.value, digest: '0'.repeat(64) };
    await store.transact([{ kind: 'put', table: tables.versions, id: 'api/a@1.0.0', rev: kept?.rev ?? 0, value }]);
    expect((await failure(registry.rollback('api/a', 'v1.0.0'))).code).toBe('SIGNATURE_INVALID');
    expect((await registry.load('api/a')).manifest.version).toBe('1.1.0');
  });

  it('never goes to what was not approved', async () => {
    const fixture = await open();
    const { registry } = fixture;
    await release(fixture, 'api/a', '1.0.0');
    await registry.stage(candidateOf('api/a', '2.0.0'), evidence);
    expect((await failure(registry.rollback('api/a', '2.0.0'))).code).toBe('APPROVAL_PENDING');
    expect(await registry.reject('api/a@2.0.0', 'no')).toMatchObject({ state: 'rejected' });
    expect((await failure(registry.rollback('api/a', '2.0.0'))).code).toBe('APPROVAL_REJECTED');
    expect((await failure(registry.load('api/a@2.0.0'))).code).toBe('APPROVAL_REJECTED');
    expect((await failure(registry.activate('api/a@2.0.0', approve(await registry.show('api/a@2.0.0'))))).code).toBe('CONFLICT');
    expect((await failure(registry.reject('api/a@1.0.0'))).code).toBe('CONFLICT');
    expect((await registry.load('api/a')).manifest.version).toBe('1.0.0');
  });

  it('rests in the archive and comes back', async () => {
    const fixture = await open();
    const { registry } = fixture;
    await release(fixture, 'api/a', '1.0.0');
    await release(fixture, 'api/a', '1.1.0');
    expect((await failure(registry.restore('api/a'))).code).toBe('CONFLICT');
    expect(await registry.archive('api/a')).toMatchObject({ version: '1.1.0', state: 'archived' });
    for (const ref of ['api/a', 'api/a@1.0.0'])
      expect(await failure(registry.load(ref))).toMatchObject({
        code: 'MODULE_ARCHIVED',
        hint: expect.stringMatching(/restore/) as string,
      });
    expect((await failure(registry.archive('api/a'))).code).toBe('MODULE_ARCHIVED');
    expect((await failure(registry.rollback('api/a'))).code).toBe('MODULE_ARCHIVED');
    expect((await registry.list()).map(({ state }) => state)).toEqual(['archived']);
    expect(await registry.restore('api/a')).toMatchObject({ state: 'active' });
    await registry.load('api/a');
    await registry.stage(candidateOf('api/b', '1.0.0'), evidence);
    expect(await registry.archive('api/b')).toBeUndefined();
  });

  it('ends without taking what others have, and the audit stays', async () => {
    const fixture = await open();
    const { registry, blobFolder, audit } = fixture;
    const shared = { text: 'shared' };
    for (const id of ['api/a', 'api/b']) await registry.stage(candidateOf(id, '1.0.0', shared), evidence);
    await registry.activate('api/b', approve(await registry.show('api/b')));
    await registry.remove('api/a');
    expect((await failure(registry.show('api/a'))).code).toBe('MODULE_NOT_FOUND');
    await registry.load('api/b');
    await registry.remove('api/b');
    expect(readdirSync(blobFolder)).toEqual([]);
    expect(await registry.list()).toEqual([]);
    expect((await audit.list({ module: 'api/a' })).map(({ kind }) => kind)).toEqual(['module.staged', 'module.removed']);
    for (const work of [registry.remove('api/a'), registry.archive('api/a'), registry.versions('api/a')]) {
      expect((await failure(work)).code).toBe('MODULE_NOT_FOUND');
    }
  });

  it('lists the active version of each, else the newest', async () => {
    const fixture = await open();
    await release(fixture, 'api/b', '1.0.0');
    await fixture.registry.stage(candidateOf('api/b', '2.0.0'), evidence);
    await fixture.registry.stage(candidateOf('api/a', '1.0.0'), evidence);
    fixture.clock.advance(1);
    await fixture.registry.stage(candidateOf('api/a', '0.9.0'), evidence);
    expect((await fixture.registry.list()).map(({ id, version }) => `${id}@${version}`)).toEqual(['api/a@0.9.0', 'api/b@1.0.0']);
  });
});

describe('staging', () => {
  it('replaces what was never approved, and never what was', async () => {
    const fixture = await open();
    const { registry } = fixture;
    await registry.stage(candidateOf('api/a', '1.0.0', { text: 'one' }), evidence);
    const second = await registry.stage(candidateOf('api/a', '1.0.0', { text: 'two' }), { ...evidence, request: 'req_2' });
    expect((await registry.show('api/a')).digest).toBe(second.digest);
    await registry.activate('api/a', approve(second));
    expect((await failure(registry.stage(candidateOf('api/a', '1.0.0', { text: 'three' }), evidence))).code).toBe('CONFLICT');
  });

  it.each<[string, (candidate: Candidate) => Partial<Candidate>]>([
    ['another digest', () => ({ digest: '0'.repeat(64) })],
    ['another digest of capabilities', () => ({ capabilitiesDigest: '0'.repeat(64) })],
    ['two files of one path', ({ files }) => ({ files: [...files, files[0] ?? { path: '', text: '' }] })],
    ['another manifest', ({ manifest }) => ({ manifest: { ...manifest, description: 'other' } })],
    ['another interface', () => ({ interface: { operations: [] } as unknown as Candidate['interface'] })],
    ['a file without sense', ({ files }) => ({ files: files.with(1, { path: 'interface.json', text: '{' }) })],
  ])('refuses a candidate with %s', async (_, change) => {
    const { registry } = await open();
    const candidate = candidateOf('api/a', '1.0.0');
    const changed = { ...candidate, ...change(candidate) };
    const fixed = changed.files === candidate.files ? changed : { ...changed, digest: bundleDigest(changed.files) };
    expect((await failure(registry.stage(fixed, evidence))).code).toBe('INPUT_INVALID');
  });

  it.each(['../x', '/etc/passwd', 'a//b', './a', 'a\\b', 'c:x', 'a/../b', 'a\0b', '', 'x'.repeat(1_001)])(
    'refuses the path %j',
    async (path) => {
      const { registry } = await open();
      const candidate = candidateOf('api/a', '1.0.0');
      const files = [...candidate.files, { path, text: 'x' }];
      expect((await failure(registry.stage({ ...candidate, files, digest: bundleDigest(files) }, evidence))).code).toBe(
        'INPUT_INVALID',
      );
    },
  );

  it.each([
    ['a', '1.0.0'],
    ['api/', '1.0.0'],
    ['api/../x', '1.0.0'],
    ['api/a..b', '1.0.0'],
    ['API/x', '1.0.0'],
    ['api/x y', '1.0.0'],
    ['api/x@1', '1.0.0'],
    [`api/${'x'.repeat(200)}`, '1.0.0'],
    ['api/x', '1'],
    ['api/x', 'v1.0.0'],
    ['api/x', `1.0.0-${'a'.repeat(200)}`],
  ])('refuses the name %j at %j', async (id, version) => {
    const { registry } = await open();
    expect((await failure(registry.stage(candidateOf(id, version), evidence))).code).toBe('NAME_INVALID');
  });
});

describe('activating', () => {
  it('counts for the bytes and capabilities that were approved, not for a number', async () => {
    const { registry } = await open();
    const first = approve(await registry.stage(candidateOf('api/a', '1.0.0', { text: 'one' }), evidence));
    const second = await registry.stage(candidateOf('api/a', '1.0.0', { text: 'two' }), evidence);
    expect(await failure(registry.activate('api/a', first))).toMatchObject({ code: 'CONFLICT', data: { staged: second.digest } });
    expect((await failure(registry.activate('api/a', { ...approve(second), capabilitiesDigest: '' }))).code).toBe('CONFLICT');
    expect((await failure(registry.load('api/a'))).code).toBe('APPROVAL_PENDING');
    expect(await registry.activate('api/a', approve(second))).toMatchObject({ state: 'active' });
    expect((await failure(registry.activate('api/a', approve(second)))).code).toBe('CONFLICT');
  });

  it('leaves the version before in its place when a byte changed since it was approved', async () => {
    const fixture = await open();
    await release(fixture, 'api/a', '1.0.0');
    const waiting = await fixture.registry.stage(candidateOf('api/a', '2.0.0'), evidence);
    const code = waiting.files.find(({ path }) => path === 'src/index.ts')?.sha256 ?? '';
    writeFileSync(join(fixture.blobFolder, code), 'something else');
    expect(await failure(fixture.registry.activate({ id: 'api/a', version: '2.0.0' }, approve(waiting)))).toMatchObject({
      code: 'SIGNATURE_INVALID',
      data: { path: 'src/index.ts' },
    });
    expect((await fixture.registry.show('api/a')).version).toBe('1.0.0');
    await fixture.registry.load('api/a');
  });

  it('counts once: the same bytes that were removed and added again need an approval of their own', async () => {
    const { registry } = await open();
    const stage = (run: string): Promise<VersionRecord> => registry.stage(candidateOf('api/a', '1.0.0'), { ...evidence, run });
    const first = { ...approve(await stage('run_1')), run: 'run_1' };
    await registry.activate('api/a', first);
    await registry.remove('api/a');
    await stage('run_2');
    expect(await failure(registry.activate('api/a', first))).toMatchObject({ code: 'CONFLICT' });
    expect((await failure(registry.load('api/a'))).code).toBe('APPROVAL_PENDING');
    expect(await registry.activate('api/a', { ...first, run: 'run_2' })).toMatchObject({ state: 'active' });
  });
});

describe('looking inside', () => {
  it('works in every state and checks the bytes', async () => {
    const { registry, blobFolder } = await open();
    const candidate = candidateOf('api/a', '1.0.0');
    await registry.stage(candidate, evidence);
    const seen = await inspect(registry, 'api/a');
    expect(seen.candidate.digest).toBe(candidate.digest);
    expect(seen.candidate.files.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(
      candidate.files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    );
    expect(seen.capabilities).toEqual(reach);
    expect(await registry.file('api/a', 'none')).toBeUndefined();
    for (const name of readdirSync(blobFolder)) writeFileSync(join(blobFolder, name), 'changed');
    expect((await failure(registry.file('api/a', 'plugin.json'))).code).toBe('SIGNATURE_INVALID');
  });
});

describe('at the same time', () => {
  it('many changes leave one active version and a sound audit', async () => {
    const fixture = await open();
    const versions = Array.from({ length: 12 }, (_, n) => `1.${n}.0`);
    await Promise.all(versions.map((version) => release(fixture, 'api/a', version)));
    const states = Map.groupBy(await fixture.registry.versions('api/a'), ({ state }) => state);
    expect([states.get('active')?.length, states.get('superseded')?.length]).toEqual([1, 11]);
    expect(await fixture.audit.verify()).toEqual({ ok: true, entries: 24 });
  });

  it('usage is written by itself a little later', async () => {
    const { registry, store } = await open();
    registry.touch({ id: 'api/a', version: '1.0.0' });
    registry.touch({ id: 'api/a', version: '1.0.0' });
    await expect.poll(() => store.get(tables.usage, 'api/a@1.0.0'), { timeout: 10_000 }).toMatchObject({ rev: 1 });
  });
});
