import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import {
  BurgeonError,
  type Candidate,
  type Capability,
  type JsonObject,
  type Manifest,
  type Store,
  manifestExtension,
} from '@burgeon/kit';
import { memoryStore } from '@burgeon/kit/suites';
import { afterAll, describe, expect, it } from 'vitest';
import { sqlite } from '../adapters/stores/sqlite.ts';
import { manualClock, systemClock } from '../base/clock.ts';
import { digestOf, sha256 } from '../base/json.ts';
import { type Audit, openAudit } from '../security/audit.ts';
import { bundleDigest } from '../security/bundle.ts';
import { capabilitiesDigest } from '../security/capabilities.ts';
import { newOwnerKey } from '../security/keys.ts';
import { signStatement, statementType } from '../security/sign.ts';
import { type Blobs, openBlobs } from './blobs.ts';
import { inspect } from './inspect.ts';
import { type VersionRecord, tables } from './records.ts';
import { type ReleaseApproval, signRelease } from './release.ts';
import { type Registry, openRegistry } from './registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'burgeon-registry-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const key = newOwnerKey();
let count = 0;

interface Fixture {
  store: Store;
  blobs: Blobs;
  audit: Audit;
  clock: ReturnType<typeof manualClock>;
  registry: Registry;
  blobFolder: string;
}

const open = async (): Promise<Fixture> => {
  const clock = manualClock(0);
  const store = memoryStore(clock);
  const blobFolder = join(folder, `blobs-${++count}`);
  const blobs = await openBlobs(blobFolder);
  const audit = openAudit({ store, clock, key });
  return { store, blobs, audit, clock, blobFolder, registry: openRegistry({ store, blobs, audit, clock, signer: key }) };
};

const reach: Capability[] = [{ kind: 'net.http', scope: { hosts: ['api.example.com'] } }];

const candidateOf = (id: string, version: string, options: { capabilities?: Capability[]; text?: string } = {}): Candidate => {
  const capabilities = options.capabilities ?? reach;
  const manifest = {
    name: id.replace('/', '.'),
    version,
    extensions: { [manifestExtension]: { contract: 1, id, kind: 'data', host: 'interface', capabilities, dependencies: {} } },
  } as unknown as Manifest;
  const description = { name: id, operations: [{ id: 'a' }, { id: 'b' }] } as unknown as Candidate['interface'];
  const files = [
    { path: 'plugin.json', text: JSON.stringify(manifest, null, 2) },
    { path: 'interface.json', text: JSON.stringify(description) },
    { path: 'src/index.ts', text: options.text ?? `export const version = '${version}';\n` },
  ];
  return {
    manifest,
    interface: description,
    files,
    digest: bundleDigest(files),
    capabilitiesDigest: capabilitiesDigest(capabilities),
  };
};

const evidence = { checks: [{ name: 'types', ok: true }], trial: { passed: 2 } };
const approve = ({ digest, capabilitiesDigest }: Pick<VersionRecord, 'digest' | 'capabilitiesDigest'>): ReleaseApproval => ({
  request: 'req_1',
  digest,
  capabilitiesDigest,
  receipts: [{ channel: 'terminal', class: 'terminal', at: 'now' }],
});

const release = async ({ registry }: Fixture, id: string, version: string): Promise<VersionRecord> => {
  return registry.activate({ id, version }, approve(await registry.stage(candidateOf(id, version), evidence)));
};

const failure = (work: Promise<unknown>): Promise<BurgeonError> =>
  work.then(
    () => expect.unreachable(),
    (error: unknown) => BurgeonError.from(error),
  );

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
    expect(await failure(registry.load('api/petstore'))).toMatchObject({ code: 'APPROVAL_PENDING', hint: /burgeon approvals/ });
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
      expect(await failure(registry.load(ref))).toMatchObject({ code: 'MODULE_ARCHIVED', hint: /restore/ });
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
});

describe('resolving', () => {
  it('finds ids, versions and short names', async () => {
    const fixture = await open();
    const { registry } = fixture;
    await release(fixture, 'api/petstore', '1.0.0');
    await registry.stage(candidateOf('api/petstore', '2.0.0'), evidence);
    await registry.stage(candidateOf('db/chinook', '1.0.0'), evidence);
    expect(await registry.resolve('petstore')).toEqual({ id: 'api/petstore', version: '1.0.0' });
    expect(await registry.resolve(' api/petstore@2.0.0 ')).toEqual({ id: 'api/petstore', version: '2.0.0' });
    expect(await registry.resolve('chinook@1.0.0')).toEqual({ id: 'db/chinook', version: '1.0.0' });
    expect(await failure(registry.resolve('petsotre'))).toMatchObject({
      code: 'MODULE_NOT_FOUND',
      hint: 'Did you mean api/petstore?',
    });
    expect((await failure(registry.resolve('db/chinok'))).hint).toBe('Did you mean db/chinook?');
    expect((await failure(registry.resolve('weather'))).hint).toBe('Run burgeon list to see all.');
    expect((await failure(registry.resolve('x'.repeat(10_000)))).code).toBe('MODULE_NOT_FOUND');
    expect((await failure(registry.resolve('__proto__'))).code).toBe('MODULE_NOT_FOUND');
    expect(await failure(registry.resolve('petstore@3.0.0'))).toMatchObject({
      code: 'VERSION_NOT_FOUND',
      hint: 'There are: 1.0.0, 2.0.0.',
    });
    expect((await failure(registry.resolve('chinook@3'))).hint).toBe('There is: 1.0.0.');
    expect((await failure(registry.show({ id: 'api/petstore', version: '9.0.0' }))).code).toBe('VERSION_NOT_FOUND');
    await registry.stage(candidateOf('mcp/petstore', '1.0.0'), evidence);
    expect(await failure(registry.resolve('petstore'))).toMatchObject({
      code: 'NAME_AMBIGUOUS',
      data: { modules: ['api/petstore', 'mcp/petstore'] },
    });
  });

  it('says what to do when there is nothing', async () => {
    const { registry, store } = await open();
    expect((await failure(registry.resolve('x'))).hint).toContain('burgeon add');
    await store.transact([{ kind: 'put', table: tables.modules, id: 'api/empty', value: { id: 'api/empty', archived: false } }]);
    expect((await failure(registry.resolve('api/empty'))).code).toBe('VERSION_NOT_FOUND');
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

describe('tampering', () => {
  const rewrite = async ({ store }: Fixture, change: (record: VersionRecord) => Partial<VersionRecord>): Promise<void> => {
    const value = (await store.get(tables.versions, 'api/a@1.0.0'))?.value as unknown as VersionRecord;
    const changed = { ...value, ...change(value) } as unknown as JsonObject;
    await store.transact([{ kind: 'put', table: tables.versions, id: 'api/a@1.0.0', value: changed }]);
  };

  it('with any byte of any file is found, and which', async () => {
    const fixture = await open();
    const record = await release(fixture, 'api/a', '1.0.0');
    for (const { path, sha256: name } of record.files) {
      const file = join(fixture.blobFolder, name);
      const whole = readFileSync(file);
      for (let at = 0; at < whole.length; at += 7) {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        writeFileSync(file, bytes);
        expect(await failure(fixture.registry.load('api/a'))).toMatchObject({
          code: 'SIGNATURE_INVALID',
          data: { differs: 'file', path },
        });
      }
      rmSync(file);
      expect((await failure(fixture.registry.load('api/a'))).code).toBe('SIGNATURE_INVALID');
      writeFileSync(file, whole);
    }
    await fixture.registry.load('api/a');
  });

  it.each<[string, (record: VersionRecord) => Partial<VersionRecord>, string]>([
    ['no signature', () => ({ signature: undefined }) as never, 'envelope'],
    ['another list of files', ({ files }) => ({ files: files.slice(1) }), 'bundle'],
    [
      'another path',
      ({ files }) => ({ files: files.map((file, index) => (index === 2 ? { ...file, path: 'src/other.ts' } : file)) }),
      'bundle',
    ],
    [
      'a digest that is no digest',
      ({ files }) => ({ files: files.map((file) => ({ ...file, sha256: '../../etc/passwd' })) }),
      'bundle',
    ],
    [
      'the signature of another version',
      (record) => ({ signature: signRelease(key, { ...record, version: '9.9.9' }, approve(record)) }),
      'statement',
    ],
    ['a signature of another key', (record) => ({ signature: signRelease(newOwnerKey(), record, approve(record)) }), 'key'],
    [
      'other approved capabilities',
      (record) => ({ signature: signRelease(key, { ...record, capabilitiesDigest: '0' }, approve(record)) }),
      'capabilities',
    ],
    [
      'another kind of statement',
      (record) => ({
        signature: signStatement(key, {
          _type: statementType,
          subject: [{ name: 'api/a@1.0.0', digest: { sha256: record.digest } }],
          predicateType: 'https://example.com/other',
          predicate: {},
        }),
      }),
      'statement',
    ],
  ])('with the record is found: %s', async (_, change, differs) => {
    const fixture = await open();
    await release(fixture, 'api/a', '1.0.0');
    await rewrite(fixture, change);
    expect(await failure(fixture.registry.load('api/a'))).toMatchObject({ code: 'SIGNATURE_INVALID', data: { differs } });
  });

  it('by signed bytes that are no module is found', async () => {
    const fixture = await open();
    await release(fixture, 'api/a', '1.0.0');
    await release(fixture, 'api/b', '1.0.0');
    const other = await fixture.registry.show('api/b');
    const sign = (record: VersionRecord, files: VersionRecord['files']): Partial<VersionRecord> => {
      const changed = { ...record, files, digest: digestOf(files) };
      return { ...changed, signature: signRelease(key, changed, approve(record)) };
    };
    await rewrite(fixture, (record) => sign(record, other.files));
    expect((await failure(fixture.registry.load('api/a'))).data).toMatchObject({ differs: 'manifest' });
    for (const text of ['[]', '{']) {
      const [name = ''] = await fixture.blobs.put([text]);
      await rewrite(fixture, (record) => sign(record, [{ path: 'plugin.json', sha256: name, bytes: text.length }]));
      expect((await failure(fixture.registry.load('api/a'))).data).toMatchObject({ differs: 'file', path: 'plugin.json' });
    }
  });
});

describe('blobs', () => {
  it('are private, kept once, healed and cleared of halves', async () => {
    const { blobs, blobFolder } = await open();
    const [name = ''] = await blobs.put(['text', 'text']);
    expect(name).toBe(sha256('text'));
    expect(readdirSync(blobFolder)).toEqual([name]);
    expect([statSync(blobFolder).mode & 0o777, statSync(join(blobFolder, name)).mode & 0o777]).toEqual([0o700, 0o600]);
    writeFileSync(join(blobFolder, name), 'harmed');
    await blobs.put(['text']);
    expect((await blobs.get(name)).toString()).toBe('text');
    writeFileSync(join(blobFolder, `${name}.123.tmp`), 'half');
    await openBlobs(blobFolder);
    expect(readdirSync(blobFolder)).toEqual([name]);
    await blobs.remove([name, sha256('never')]);
    expect((await failure(blobs.get(name))).code).toBe('SIGNATURE_INVALID');
    expect((await failure(blobs.get('../x'))).code).toBe('SIGNATURE_INVALID');
    rmSync(blobFolder, { recursive: true });
    expect((await failure(blobs.put(['text']))).code).toBe('HOME_UNWRITABLE');
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
      const card = { id: 'api/a', kind: 'data', host: 'interface', capabilities: [] };
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
    const home = join(folder, 'killed');
    const { openOwnerKey } = await import('../security/keys.ts');
    for (const [round, delayMs] of [0, 1, 2, 3, 5].entries()) {
      const promised = await run(home, 3, delayMs);
      const store = await sqlite.open(join(home, 'store.db'), { clock: systemClock });
      const signer = await openOwnerKey({ dir: home, path: (...parts) => join(home, ...parts), close: async () => {} });
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
