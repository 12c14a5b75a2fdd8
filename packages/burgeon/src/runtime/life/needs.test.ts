import { describe, expect, it } from 'vitest';
import { callOf, counter, failure, setStage, until, type Card, type Program, type Stage, type Tools } from '../fixtures/stage.ts';

/** Calls another module, and says who answered. */
const through =
  (other: string) =>
  ({ hostCall }: Tools): Program => ({ operations: { next: async () => hostCall('module.call', 'call', [other, 'read', {}]) } });

const saying = (text: string) => (): Program => ({ operations: { read: () => text } });

const needing = (id: string, range: string): Card => ({
  dependencies: { [id]: range },
  capabilities: [{ kind: 'module.call', scope: { ids: [id] } }],
});

const set = async (): Promise<Stage> => {
  const stage = await setStage({
    'skill/base@1.0.0': saying('one'),
    'skill/base@1.1.0': saying('one point one'),
    'skill/base@2.0.0': saying('two'),
    'skill/old@1.0.0': through('skill/base'),
    'skill/new@1.0.0': through('skill/base'),
    'skill/top@1.0.0': through('skill/old'),
  });
  await stage.release('skill/base', '1.0.0');
  await stage.release('skill/old', '1.0.0', needing('skill/base', '^1'));
  await stage.release('skill/new', '1.0.0', needing('skill/base', '^2'));
  await stage.release('skill/top', '1.0.0', needing('skill/old', '*'));
  return stage;
};

const running = ({ runtime }: Stage): string[] => runtime.running().map(({ module }) => module);

describe('dependencies', () => {
  it('are loaded before what needs them', async () => {
    const stage = await set();
    await stage.runtime.load('skill/top');
    expect(stage.seen.started).toEqual(['skill/base@1.0.0', 'skill/old@1.0.0', 'skill/top@1.0.0']);
    expect(stage.runtime.running().find(({ module }) => module === 'skill/old')).toMatchObject({ needs: ['skill/base@1.0.0'] });
  });

  it('that are missing are explained, and nothing is started', async () => {
    const stage = await set();
    expect(await failure(callOf(stage)('skill/new', 'next'))).toMatchObject({
      code: 'DEPENDENCY_UNMET',
      message: expect.stringContaining('needs skill/base ^2, and there is 1.0.0'),
    });
    expect(stage.seen.started).toEqual([]);
  });

  it('stand side by side in two majors, and each dependent reaches its own', async () => {
    const stage = await set();
    const call = callOf(stage);
    expect(await call('skill/old', 'next')).toBe('one');
    await stage.release('skill/base', '2.0.0');
    expect([await call('skill/new', 'next'), await call('skill/old', 'next')]).toEqual(['two', 'one']);
    expect(await call('skill/base', 'read')).toBe('two');
    expect(running(stage)).toEqual(['skill/base', 'skill/base@1.0.0', 'skill/new', 'skill/old']);
  });

  it('follow a release that still fits', async () => {
    const stage = await set();
    const call = callOf(stage);
    await call('skill/old', 'next');
    await stage.release('skill/base', '1.1.0');
    expect(await call('skill/old', 'next')).toBe('one point one');
    expect(running(stage)).toEqual(['skill/base', 'skill/old']);
    expect(await failure(stage.runtime.unload('skill/base'))).toMatchObject({ code: 'MODULE_NEEDED' });
  });

  it('are reached in their new version by calls that waited for it', async () => {
    const keeping: Card = { state: { version: 1 } };
    const gate = Promise.withResolvers<void>();
    const base = (version: number) => (): Program => {
      let count = 0;
      return {
        operations: { next: async () => (await gate.promise, [version, ++count]) },
        snapshot: () => count,
        restore: (state) => void (count = state as number),
      };
    };
    const stage = await setStage({
      'skill/base@1.0.0': base(1),
      'skill/base@1.1.0': base(2),
      'skill/old@1.0.0': ({ hostCall }) => ({
        operations: { next: async () => hostCall('module.call', 'call', ['skill/base', 'next', {}]) },
      }),
    });
    await stage.release('skill/base', '1.0.0', keeping);
    await stage.release('skill/old', '1.0.0', needing('skill/base', '^1'));
    const early = callOf(stage)('skill/old', 'next');
    await until(() => stage.runtime.running()[0]?.inFlight === 1);
    const released = stage.release('skill/base', '1.1.0', keeping);
    await until(() => stage.runtime.running()[0]?.state === 'handing-over');
    const late = callOf(stage)('skill/base', 'next');
    gate.resolve();
    expect([await early, await late]).toEqual([
      [1, 1],
      [2, 2],
    ]);
    await released;
    expect(await callOf(stage)('skill/old', 'next')).toEqual([2, 3]);
    expect(running(stage)).toEqual(['skill/base', 'skill/old']);
  });

  it('that are needed are not unloaded, unless all are', async () => {
    const stage = await set();
    await stage.runtime.load('skill/top');
    expect(await failure(stage.runtime.unload('skill/base'))).toMatchObject({
      code: 'MODULE_NEEDED',
      message: 'skill/old needs skill/base, and runs.',
      hint: expect.stringContaining('--cascade'),
      data: { module: 'skill/base', dependents: ['skill/old'] },
    });
    expect(await stage.runtime.unload('skill/base', { cascade: true })).toEqual(['skill/top', 'skill/old', 'skill/base']);
    expect(running(stage)).toEqual([]);
    expect(await callOf(stage)('skill/old', 'next')).toBe('one');
    expect(await stage.runtime.unload('skill/old')).toEqual(['skill/old']);
    expect(await stage.runtime.unload('skill/base')).toEqual(['skill/base']);
    expect(await stage.runtime.unload('skill/base')).toEqual([]);
  });

  it('end after what needs them', async () => {
    const stage = await set();
    const ended: string[] = [];
    for (const [key, program] of Object.entries(stage.programs))
      stage.programs[key] = (tools) => ({ ...program(tools), snapshot: () => (ended.push(key), null) });
    const keeping = { state: { version: 1 } };
    await stage.release('skill/base', '1.1.0', keeping);
    stage.programs['skill/old@1.0.1'] = stage.programs['skill/old@1.0.0'] as (tools: Tools) => Program;
    await stage.release('skill/old', '1.0.1', { ...needing('skill/base', '^1'), ...keeping });
    await stage.runtime.load('skill/top');
    await stage.runtime.close();
    expect(ended).toEqual(['skill/old@1.0.0', 'skill/base@1.1.0']);
  });

  it('keep the state of their major when another major takes over', async () => {
    const keeping: Card = { state: { version: 1 } };
    const stage = await setStage({
      'skill/base@1.0.0': () => counter(),
      'skill/base@2.0.0': () => counter(),
      'skill/old@1.0.0': ({ hostCall }) => ({
        operations: { next: async () => hostCall('module.call', 'call', ['skill/base', 'next', {}]) },
      }),
    });
    await stage.release('skill/base', '1.0.0', keeping);
    await stage.release('skill/old', '1.0.0', needing('skill/base', '^1'));
    const call = callOf(stage);
    expect(await call('skill/old', 'next')).toBe(1);
    await stage.release('skill/base', '2.0.0', keeping);
    expect([await call('skill/base', 'next'), await call('skill/base', 'next')]).toEqual([2, 3]);
    expect(await call('skill/old', 'next')).toBe(2);
    const next = await stage.again();
    expect([await callOf(next)('skill/base', 'next'), await callOf(next)('skill/old', 'next')]).toEqual([4, 3]);
  });
});
