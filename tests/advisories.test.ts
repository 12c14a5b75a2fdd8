/** A probe of what happens to running modules when vulnerability data arrive. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JsonObject } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { failure, openBurgeon } from './open-burgeon.ts';

const { root, burgeon, manage, call, reopen } = openBurgeon('advisories');
const integrity = `sha512-${'q8Zr4Tn1VxB7mKd2Lw9PsHc3'.repeat(4).slice(0, 86)}==`;

/** A folder with a module that brings a package along, or none. */
const write = (name: string, version: string | undefined, greeting = 'hi'): string => {
  const files: Record<string, string | object> = {
    'plugin.json': {
      name: `skill.${name}`,
      version: '1.0.0',
      extensions: {
        'dev.burgeon.module': {
          capabilities: [],
          operations: { greet: { summary: 'Greets.', effect: 'read', output: { type: 'string' } } },
        },
      },
    },
    'index.ts': `export const operations = { greet: async (): Promise<string> => ${JSON.stringify(greeting)} };\n`,
    ...(version === undefined
      ? {}
      : {
          'package.json': { dependencies: { 'left-pad': version } },
          'package-lock.json': { packages: { 'node_modules/left-pad': { version, integrity } } },
          'vendor/left-pad/package.json': { name: 'left-pad', version },
        }),
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name, path)), { recursive: true });
    writeFileSync(join(root, name, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return join(root, name);
};

const advisory = (id: string, fixed: string, modified: string): string =>
  JSON.stringify({
    id,
    modified,
    affected: [
      { package: { ecosystem: 'npm', name: 'left-pad' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }] },
    ],
  });
const take = (text: string): Promise<JsonObject> => manage('importAdvisories', { text });
const refusal = async (id: string): Promise<string> => (await failure(call(id, 'greet'))).code;

describe('vulnerability data that arrive', () => {
  it('quarantine what is vulnerable, running or not, and leave the rest alone', async () => {
    await manage('addModule', { what: write('running', '1.3.0') });
    await manage('addModule', { what: write('idle', '1.3.0') });
    await manage('addModule', { what: write('plain', undefined) });
    expect(await call('skill/running', 'greet')).toBe('hi');
    expect(await manage('advisoryStatus')).toEqual({ records: 0, ecosystems: [] });

    const imported = await take(advisory('OSV-1', '1.3.1', '2026-11-01T00:00:00Z'));
    expect(imported).toMatchObject({
      taken: 1,
      records: 1,
      rechecked: 3,
      quarantined: [{ id: 'skill/idle', advisories: ['OSV-1'] }, { id: 'skill/running' }],
    });
    expect([await refusal('skill/running'), await refusal('skill/idle')]).toEqual(['MODULE_QUARANTINED', 'MODULE_QUARANTINED']);
    expect((await failure(call('skill/running', 'greet'))).message).toContain('OSV-1');
    expect(await call('skill/plain', 'greet')).toBe('hi');
    const { modules } = (await manage('listRunning')) as { modules: { module: string; state: string; reason: string }[] };
    expect(modules.find(({ module }) => module === 'skill/running')).toMatchObject({
      state: 'quarantined',
      reason: expect.stringContaining('OSV-1'),
    });
    const entries = (await manage('listAudit', { module: 'skill/idle' })) as unknown as { kind: string; data: JsonObject }[];
    expect(entries.at(-1)).toMatchObject({ kind: 'module.quarantined', data: { version: '1.0.0' } });
  });

  it('hold after a new beginning, and are told once', async () => {
    await reopen();
    expect(await refusal('skill/idle')).toBe('MODULE_QUARANTINED');
    expect(await take(advisory('OSV-1', '1.3.1', '2026-11-01T00:00:00Z'))).toMatchObject({ taken: 0, quarantined: [] });
  });

  it('are seen by the checks of everything', async () => {
    const all = (await manage('checkAll')) as unknown as { ok: boolean; modules: { id: string; ok: boolean }[] };
    expect([all.ok, all.modules.map(({ id, ok }) => `${id} ${ok}`)]).toEqual([
      false,
      ['skill/idle false', 'skill/plain true', 'skill/running false'],
    ]);
    const visible = burgeon().management;
    expect(visible.interface.operations.some(({ id }) => id === 'checkAll')).toBe(true);
  });

  it('no longer hold what a person loads, or a version in which it is mended', async () => {
    await manage('loadModule', { namespace: 'skill', name: 'idle' });
    expect(await call('skill/idle', 'greet')).toBe('hi');
    await manage('addModule', { what: write('running', '1.3.1', 'mended') });
    expect(await call('skill/running', 'greet')).toBe('mended');
  });

  it('stop what is added after them', async () => {
    expect(await failure(manage('addModule', { what: write('late', '1.2.0') }))).toMatchObject({
      code: 'CHECKS_FAILED',
      message: expect.stringContaining('OSV-1'),
    });
  });

  it('are refused as a whole when they are none', async () => {
    expect((await failure(take('{"id":"x"}'))).code).toBe('INPUT_INVALID');
    expect(await manage('advisoryStatus')).toMatchObject({ records: 1, date: '2026-11-01T00:00:00Z', ecosystems: ['npm'] });
  });
});
