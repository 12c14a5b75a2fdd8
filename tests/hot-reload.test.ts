/** A module of code that is reloaded, released anew and rolled back while it is being called: nothing is lost. Our own modules, made up for this. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestExtension, type JsonObject, type JsonValue } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { failure, openBurgeon } from './open-burgeon.ts';

const { root, home, burgeon, reopen, manage } = openBurgeon('reload');
const counterId = { namespace: 'skill', name: 'counter' };

const operations = Object.fromEntries(
  ['next', 'read', 'fall'].map((id) => [
    id,
    {
      effect: id === 'read' ? 'read' : 'write',
      input: { properties: { by: { type: 'integer' } } },
      output: {},
      errors: [{ code: 'any', schema: true }],
    },
  ]),
);

/** Adds a version of the counter. */
const add = (code: string, stateVersion: number): Promise<JsonObject> => {
  const folder = mkdtempSync(join(root, 'counter-'));
  const card = { operations, state: { version: stateVersion }, limits: { cpuMs: 400 } };
  writeFileSync(
    join(folder, 'plugin.json'),
    JSON.stringify({ name: 'skill.counter', extensions: { [manifestExtension]: card } }),
  );
  writeFileSync(join(folder, 'index.ts'), code);
  return manage('addModule', { what: folder });
};

/** The write reads, waits, and writes: whoever looks in between sees half of it. */
const counting = (state: string, more: string): string => `
let count = 0;
export const operations = {
  next: async ({ by = 1 }: { by?: number }) => { const before = count; await null; count = before + by; return count; },
  read: async () => count,
  fall: async ({ by = 0 }: { by?: number }) => { if (by === 1) for (;;) count += 1; return count; },
};
export const snapshot = () => (${state});
${more}
`;
const first = counting('count', 'export const restore = (state: number) => { count = state; };');
const second = counting(
  '{ count }',
  `export const migrate = (state: unknown, from: number) => {
     if (from !== 1) throw new Error('from ' + from);
     return { count: state as number };
   };
   export const restore = (state: { count: number }) => { count = state.count; };`,
);
const broken = counting('{ total: count }', `export const restore = () => { throw new Error('I do not take that'); };`);

const call = async (operation: string, by?: number): Promise<JsonValue | undefined> =>
  (await manage('callOperation', { ...counterId, operation, input: by === undefined ? {} : { by } }))['output'];

const running = async (): Promise<JsonObject | undefined> =>
  ((await manage('listRunning'))['modules'] as JsonObject[]).find(({ module }) => module === 'skill/counter');

describe('a counter in its walls', () => {
  it('goes on from 41 to 42 over a reload in one process', async () => {
    expect(await add(first, 1)).toMatchObject({ module: { state: 'active' } });
    expect(await call('next', 41)).toBe(41);
    expect(await manage('reloadModule', counterId)).toEqual({
      module: { id: 'skill/counter', version: '1.0.0', state: 'active', life: 'ready', replicas: 1 },
    });
    expect(await call('next')).toBe(42);
  });

  it('goes on from 42 to 43 in another process', async () => {
    await reopen();
    expect(await call('next')).toBe(43);
  });

  it('goes on over a release whose state has another form, and over the way back', async () => {
    await add(second, 2);
    expect(await running()).toMatchObject({ version: '1.0.1', state: 'ready' });
    expect(await call('next')).toBe(44);
    const error = await failure(manage('rollbackModule', counterId));
    // The older version does not know the newer form, so the newer goes on.
    expect(error).toMatchObject({ code: 'MODULE_FAILED', message: expect.stringContaining('from 1.0.1 to 1.0.0') });
    expect(await call('next')).toBe(45);
  });

  it('goes on when a release cannot take over', async () => {
    const error = await failure(add(broken, 2));
    expect(error).toMatchObject({ code: 'MODULE_FAILED', message: expect.stringContaining('I do not take that') });
    expect(await call('next')).toBe(46);
    expect(await manage('showModule', counterId)).toMatchObject({ version: '1.0.1', state: 'active' });
    const kinds = (await burgeon().management.call('listAudit', { module: 'skill/counter' })).output as JsonObject[];
    expect(kinds.filter(({ kind }) => kind === 'module.put-back')).toHaveLength(2);
  });

  it('loses no call in a hundred reloads under load', async () => {
    const before = (await call('read')) as number;
    let reloading = true;
    let calls = 0;
    const wrong: unknown[] = [];
    const seen = new Set<JsonValue | undefined>();
    const load = async (): Promise<void> => {
      while (reloading) {
        calls += 1;
        await call('next').then(
          (count) => seen.add(count),
          (error: unknown) => wrong.push(error),
        );
      }
    };
    // One writer at a time by itself: its write has a middle, in which another one would be lost in any program.
    const loads = [load()];
    const reading = (async () => {
      while (reloading) await call('read').catch((error: unknown) => wrong.push(error));
    })();
    for (let count = 0; count < 100; count += 1) await manage('reloadModule', counterId);
    reloading = false;
    await Promise.all([...loads, reading]);
    expect(wrong).toEqual([]);
    expect(seen.size).toBe(calls);
    expect(await call('read')).toBe(before + calls);
    expect(await running()).toMatchObject({ state: 'ready', replicas: 1, restarts: 0, errors: {} });
  });

  it('is started again with its state after a limit ended it, and put aside when that goes on', async () => {
    const before = (await call('next')) as number;
    // The state is kept a moment after the call was answered.
    await expect.poll(kept).toEqual({ count: before });
    const codes: string[] = [];
    for (let times = 0; times < 2; times += 1) codes.push((await failure(call('fall', 1))).code);
    expect(codes).toEqual(['LIMIT_EXCEEDED', 'LIMIT_EXCEEDED']);
    expect(await call('read')).toBe(before);
    await failure(call('fall', 1));
    expect(await failure(call('read'))).toMatchObject({ code: 'MODULE_QUARANTINED' });
    expect(await manage('loadModule', counterId)).toMatchObject({ module: { life: 'ready' } });
    expect(await call('read')).toBe(before);
    expect((await burgeon().management.call('metrics', {})).output).toContain(
      'burgeon_module_restarts_total{module="skill/counter"} 2',
    );
  });
});

/** The state as the next process would find it. */
const kept = async (): Promise<JsonValue | undefined> => {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(join(home, 'burgeon.db'), { readOnly: true });
  try {
    const row = database.prepare(`select value from records where kind = 'states' and id = 'skill/counter'`).get();
    return (JSON.parse((row?.['value'] as string | undefined) ?? '{}') as JsonObject)['state'];
  } finally {
    database.close();
  }
};
