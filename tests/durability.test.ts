import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Exposure, JsonObject, JsonValue } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBurgeon, type Burgeon } from '../packages/burgeon/src/burgeon.ts';

const folder = mkdtempSync(join(tmpdir(), 'burgeon-durability-'));
const program = join(import.meta.dirname, '../packages/burgeon/bin/burgeon.mjs');
const notes = { namespace: 'api', name: 'notes' };

/** A document of two operations; with more properties, the interface is a new one. */
const documentOf = (...properties: string[]): string => {
  const schema = {
    type: 'object',
    required: ['text'],
    properties: Object.fromEntries(['text', ...properties].map((name) => [name, { type: 'string' }])),
  };
  const json = (of: JsonValue): JsonObject => ({ 'application/json': { schema: of } });
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Notes', version: '1' },
    paths: {
      '/notes': {
        get: {
          operationId: 'listNotes',
          responses: { 200: { description: 'all', content: json({ type: 'array', items: schema }) } },
        },
        post: {
          operationId: 'addNote',
          requestBody: { required: true, content: json(schema) },
          responses: { 201: { description: 'made', content: json(schema) } },
        },
      },
    },
  });
};

const call = async (burgeon: Burgeon, operation: string, input: JsonObject = {}): Promise<JsonValue> =>
  (await burgeon.management.call(operation, input)).output;

const within = async <T>(home: string, work: (burgeon: Burgeon) => Promise<T>): Promise<T> => {
  const burgeon = await createBurgeon({ home });
  try {
    return await work(burgeon);
  } finally {
    await burgeon.close();
  }
};

const initialised = async (name: string): Promise<string> => {
  const home = join(folder, name);
  await within(home, (burgeon) => burgeon.init({ policy: 'unattended', totp: false }));
  return home;
};

/** Runs `burgeon add` and kills it so many milliseconds after it told of a stage. */
const killedAdd = (
  home: string,
  what: string,
  { location, stage, delayMs }: Record<'location' | 'stage', string> & { delayMs: number },
): Promise<void> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [program, 'add', what, '--location', location, '--home', home], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => {
      const before = text.includes(stage);
      text += chunk.toString();
      if (!before && text.includes(stage)) setTimeout(() => child.kill('SIGKILL'), delayMs);
    });
    child.on('close', () => resolve());
  });

let mirror: Exposure;
let standing: Burgeon;
beforeAll(async () => {
  standing = await createBurgeon({ home: await initialised('mirror') });
  mirror = await standing.standUp({ what: 'notes.json', text: documentOf('colour') });
  writeFileSync(join(folder, '1.json'), documentOf());
  writeFileSync(join(folder, '2.json'), documentOf('colour'));
});
afterAll(async () => {
  await mirror.close();
  await standing.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('an add that is killed', () => {
  const moments = [
    ['ok derive', 60],
    ['ok check', 0],
    ['ok try', 0],
    ['ok try', 15],
    ['ok try', 25],
    ['ok try', 35],
    ['ok approve', 0],
    ['ok approve', 8],
  ] as const;

  it('leaves what was or what shall be, and is simply done again', async () => {
    const fresh = await initialised('fresh');
    const grown = join(folder, 'grown');
    cpSync(fresh, grown, { recursive: true });
    await within(grown, (burgeon) => call(burgeon, 'addModule', { what: join(folder, '1.json'), location: mirror.url }));

    const judge = async (round: number): Promise<void> => {
      const [stage, delayMs] = moments[round] ?? moments[0];
      const upgrade = round % 2 === 1;
      const home = join(folder, `killed-${round}`);
      cpSync(upgrade ? grown : fresh, home, { recursive: true });
      const what = join(folder, upgrade ? '2.json' : '1.json');
      await killedAdd(home, what, { location: mirror.url, stage, delayMs });
      await within(home, async (burgeon) => {
        const versions = (await call(burgeon, 'listVersions', notes).catch(() => [])) as JsonObject[];
        const active = versions.filter(({ state }) => state === 'active');
        expect(active.length, `${stage} + ${delayMs}`).toBeGreaterThanOrEqual(upgrade ? 1 : 0);
        expect(active.length).toBeLessThanOrEqual(1);
        expect(await call(burgeon, 'verifyAudit')).toMatchObject({ ok: true });
        const listed = { ...notes, operation: 'listNotes', input: {} };
        if (active.length > 0) expect(await call(burgeon, 'callOperation', listed)).toMatchObject({ output: expect.any(Array) });
        expect(await call(burgeon, 'addModule', { what, location: mirror.url })).toMatchObject({ module: { state: 'active' } });
        expect(await call(burgeon, 'callOperation', listed)).toMatchObject({ output: expect.any(Array) });
        expect(await call(burgeon, 'verifyAudit')).toMatchObject({ ok: true });
      });
      expect((readdirSync(home, { recursive: true }) as string[]).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    };
    // Two at a time: as many as a small machine has processors.
    const lane = async (first: number): Promise<void> => {
      for (let round = first; round < moments.length; round += 2) await judge(round);
    };
    await Promise.all([lane(0), lane(1)]);
  }, 60_000);
});

describe('an add whose reader goes away', () => {
  it('is finished all the same', async () => {
    const home = await initialised('unheard');
    const child = spawn(process.execPath, [program, 'add', join(folder, '1.json'), '--location', mirror.url, '--home', home], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    child.stderr.once('data', () => child.stderr.destroy());
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(0);
    await within(home, async (burgeon) => {
      expect(await call(burgeon, 'listVersions', notes)).toMatchObject([{ version: '1.0.0', state: 'active' }]);
    });
  });
});

describe('several adds at once', () => {
  it('all come through, and all can be imported', async () => {
    const home = await initialised('several');
    const names = ['a', 'b', 'c', 'd', 'e'];
    await within(home, async (burgeon) => {
      const added = await Promise.all(
        names.map((name) => call(burgeon, 'addModule', { what: join(folder, '1.json'), location: mirror.url, name })),
      );
      for (const module of added) expect(module).toMatchObject({ module: { state: 'active' } });
      expect(await call(burgeon, 'verifyAudit')).toMatchObject({ ok: true });
    });
    const index = JSON.parse(readFileSync(join(home, 'imports/index.json'), 'utf8')) as { modules: object };
    expect(Object.keys(index.modules).toSorted()).toEqual(names.map((name) => `api/${name}`));
  });

  it('of one module give one version', async () => {
    const home = await initialised('same');
    await within(home, async (burgeon) => {
      const add = (what: string): Promise<JsonValue> =>
        call(burgeon, 'addModule', { what: join(folder, what), location: mirror.url });
      const states = await Promise.all([add('1.json'), add('1.json'), add('1.json')]);
      for (const module of states) expect(module).toMatchObject({ module: { version: '1.0.0', state: 'active' } });
      expect(await call(burgeon, 'listVersions', notes)).toHaveLength(1);
    });
  });
});
