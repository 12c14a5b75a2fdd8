/** Going back one version, with its state, while the module is called 200 times a second: nobody notices. Our own modules, made up for this. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { manifestExtension, type JsonObject, type JsonValue } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBurgeon } from './open-burgeon.ts';

const { root, manage } = openBurgeon('rollback');
const perSecond = 200;
const most = 64;

/** Calls at an even pace while something is done; gives what came back and what failed. */
const underLoad = async (call: () => Promise<JsonValue | undefined>, work: () => Promise<void>) => {
  const outputs: JsonValue[] = [];
  const failed: unknown[] = [];
  const open = new Set<Promise<void>>();
  const begun = performance.now();
  let sent = 0;
  const pace = setInterval(() => {
    // On a machine that is busy otherwise calls do not pile up without end.
    for (; open.size < most && sent < ((performance.now() - begun) / 1_000) * perSecond; sent += 1) {
      const one: Promise<void> = call()
        .then(
          (output) => void outputs.push(output ?? null),
          (error: unknown) => void failed.push(error),
        )
        .finally(() => open.delete(one));
      open.add(one);
    }
  }, 5);
  await work();
  clearInterval(pace);
  await Promise.all(open);
  return { outputs, failed, sent };
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a module of code with state', () => {
  const counter = { namespace: 'skill', name: 'tally' };
  const add = (label: string, extra: string): Promise<JsonObject> => {
    const folder = mkdtempSync(join(root, 'tally-'));
    const output = { type: 'object', properties: { version: { type: 'string' }, serial: { type: 'integer' } } };
    const operations = Object.fromEntries(
      ['next', ...extra.split(' ')].filter(Boolean).map((id) => [id, { effect: 'write', output }]),
    );
    const card = { operations, state: { version: 1 } };
    writeFileSync(
      join(folder, 'plugin.json'),
      JSON.stringify({ name: 'skill.tally', extensions: { [manifestExtension]: card } }),
    );
    writeFileSync(
      join(folder, 'index.ts'),
      `let serial = 0;
const next = async () => ({ version: '${label}', serial: ++serial });
export const operations = { ${[
        'next',
        ...extra
          .split(' ')
          .filter(Boolean)
          .map((id) => `${id}: next`),
      ].join(', ')} };
export const snapshot = () => serial;
export const restore = (state: number) => { serial = state; };\n`,
    );
    return manage('addModule', { what: folder });
  };
  const next = async (): Promise<JsonValue | undefined> =>
    (await manage('callOperation', { ...counter, operation: 'next', input: {} }))['output'];

  it('goes back and forth under 200 calls a second: none fails, no number is lost or given twice', async () => {
    expect(await add('one', '')).toMatchObject({ module: { version: '1.0.0' } });
    expect(await add('two', 'peek')).toMatchObject({ module: { version: '1.1.0' } });
    expect(await add('three', '')).toMatchObject({ module: { version: '2.0.0' } });
    await next();
    const rollbacks = [undefined, '2.0.0', '1.0.0', '1.1.0', '2.0.0', undefined];
    const { outputs, failed, sent } = await underLoad(next, async () => {
      for (const version of rollbacks) {
        await pause(250);
        await manage('rollbackModule', version === undefined ? counter : { ...counter, version });
      }
      await pause(250);
    });
    expect(failed).toEqual([]);
    expect(outputs).toHaveLength(sent);
    expect(sent).toBeGreaterThan(perSecond / 2);
    const told = outputs as { version: string; serial: number }[];
    expect(told.map(({ serial }) => serial).toSorted((a, b) => a - b)).toEqual(told.map((_, at) => at + 2));
    expect(new Set(told.map(({ version }) => version))).toEqual(new Set(['one', 'two', 'three']));
    expect(await manage('resolveModule', { reference: 'skill/tally' })).toMatchObject({ version: '1.1.0' });
  });

  it('answers side by side with the version that is active', async () => {
    const at = async (version?: string): Promise<JsonValue | undefined> =>
      (
        await manage('callOperation', { ...counter, operation: 'next', input: {}, ...(version === undefined ? {} : { version }) })
      )['output'];
    const all = await Promise.all([at(), at('1.0.0'), at('1.1.0'), at('2.0.0')]);
    expect(all.map((each) => (each as JsonObject)['version'])).toEqual(['two', 'one', 'two', 'three']);
    const difference = await manage('diffVersions', { ...counter, from: '1.1.0', to: '2.0.0' });
    expect(difference).toMatchObject({
      verdict: 'major',
      operations: { added: [], removed: [{ id: 'peek', effect: 'write' }], changed: [] },
      files: { changed: expect.arrayContaining([{ path: 'index.ts', linesAdded: 2, linesRemoved: 2 }]) },
    });
  });
});

describe('a module that is data', () => {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ at: request.url }));
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => server.close());

  it('goes back under 200 calls a second: none fails', async () => {
    const thing = { namespace: 'api', name: 'places' };
    const add = (path: string, more: string): Promise<JsonObject> => {
      const document = {
        openapi: '3.1.0',
        info: { title: 'Places', version: '1' },
        servers: [{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}` }],
        paths: Object.fromEntries(
          ['where', more].map((id) => [
            `/${id}`,
            {
              get: {
                operationId: id,
                responses: { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'object' } } } } },
              },
            },
          ]),
        ),
      };
      const what = join(mkdtempSync(join(root, 'places-')), 'places.json');
      writeFileSync(what, JSON.stringify(document));
      return manage('addModule', { what });
    };
    await add('/v1', 'old');
    expect(await add('/v2', 'new')).toMatchObject({ module: { version: '2.0.0' } });
    const call = async (): Promise<JsonValue | undefined> =>
      (await manage('callOperation', { ...thing, operation: 'where', input: {} }))['output'];
    const { outputs, failed, sent } = await underLoad(call, async () => {
      for (const version of [undefined, '2.0.0', '1.0.0']) {
        await pause(250);
        await manage('rollbackModule', version === undefined ? thing : { ...thing, version });
      }
      await pause(250);
    });
    expect(failed).toEqual([]);
    expect(outputs).toHaveLength(sent);
    expect(new Set(outputs.map((output) => (output as { at: string }).at))).toEqual(new Set(['/v1/where', '/v2/where']));
  });
});
