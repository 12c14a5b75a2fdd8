import { describe, expect, it } from 'vitest';
import {
  callOf,
  counter,
  failure,
  keptState,
  setStage,
  turns,
  until,
  type Card,
  type Program,
  type Stage,
  type Tools,
} from '../fixtures/stage.ts';

const keeping: Card = { state: { version: 1 }, operations: ['next', 'read', 'crash'] };

/** A counter that can be made to fall over. */
const brittle = ({ crash }: Tools): Program => {
  const inner = counter();
  return { ...inner, operations: { ...inner.operations, crash } };
};

const stateOf = (stage: Stage): string | undefined => stage.runtime.running()[0]?.state;

const kinds = async (stage: Stage): Promise<string[]> =>
  (await stage.audit.list({ module: 'skill/a' })).map(({ kind }) => kind).filter((kind) => !/staged|activated|called/.test(kind));

describe('a module that falls over', () => {
  const set = async (): Promise<Stage> => {
    const stage = await setStage({ 'skill/a@1.0.0': brittle, 'skill/b@1.0.0': () => counter() });
    await stage.release('skill/a', '1.0.0', keeping);
    await stage.release('skill/b', '1.0.0');
    return stage;
  };

  it('goes on with its last state, sooner the first time than the second', async () => {
    const stage = await set();
    const call = callOf(stage);
    await call('skill/a', 'next');
    await until(async () => (await keptState(stage)) === 1);
    expect(await failure(call('skill/a', 'crash'))).toMatchObject({ code: 'MODULE_CRASHED' });
    expect(stateOf(stage)).toBe('failed');
    stage.slept.length = 0;
    expect(await call('skill/a', 'next')).toBe(2);
    expect(stage.slept.filter((ms) => ms !== 50)).toEqual([]);
    await until(async () => (await keptState(stage)) === 2);
    await failure(call('skill/a', 'crash'));
    expect(await call('skill/a', 'next')).toBe(3);
    expect(stage.slept.filter((ms) => ms !== 50)).toEqual([100]);
    expect(stage.runtime.running()).toMatchObject([{ state: 'ready', restarts: 2, errors: { MODULE_CRASHED: 2 } }]);
    expect(stage.seen.alive).toBe(1);
  });

  it('is put aside after three times within a minute, while others go on', async () => {
    const stage = await set();
    const call = callOf(stage);
    await call('skill/b', 'next');
    for (let times = 0; times < 3; times += 1) await failure(call('skill/a', 'crash'));
    const error = await failure(call('skill/a', 'next'));
    expect(error).toMatchObject({ code: 'MODULE_QUARANTINED', hint: expect.stringContaining('modules load skill/a') });
    expect(error.message).toContain('skill/a is gone.');
    expect(await call('skill/b', 'next')).toBe(2);
    expect(stage.runtime.running()).toMatchObject([
      { state: 'quarantined', replicas: 0 },
      { state: 'ready', errors: {} },
    ]);
    await until(async () => (await kinds(stage)).includes('module.quarantined'));
    expect(await failure(stage.runtime.reload('skill/a'))).toMatchObject({ code: 'MODULE_QUARANTINED' });
  });

  it('is not put aside when it fell over longer ago', async () => {
    const stage = await set();
    const call = callOf(stage);
    for (let times = 0; times < 6; times += 1) {
      await failure(call('skill/a', 'crash'));
      stage.clock.advance(31_000);
    }
    expect(await call('skill/a', 'next')).toBe(1);
  });

  it('stays aside in the next process, until it is loaded', async () => {
    const before = await set();
    await callOf(before)('skill/a', 'next');
    await until(async () => (await keptState(before)) === 1);
    for (let times = 0; times < 3; times += 1) await failure(callOf(before)('skill/a', 'crash'));
    const stage = await before.again();
    const call = callOf(stage);
    expect(await failure(call('skill/a', 'next'))).toMatchObject({ code: 'MODULE_QUARANTINED' });
    expect(await stage.runtime.load('skill/a')).toMatchObject({ state: 'ready' });
    expect(await call('skill/a', 'next')).toBe(2);
    expect(await kinds(stage)).toEqual(['module.quarantined', 'module.released']);
  });

  it('is replaced by another version, which starts without its past', async () => {
    const stage = await set();
    const call = callOf(stage);
    await call('skill/a', 'next');
    await until(async () => (await keptState(stage)) === 1);
    for (let times = 0; times < 3; times += 1) await failure(call('skill/a', 'crash'));
    stage.programs['skill/a@1.0.1'] = () => counter();
    await stage.release('skill/a', '1.0.1', keeping);
    expect(await call('skill/a', 'next')).toBe(2);
  });

  it('is put aside when it cannot even be started', async () => {
    const stage = await setStage({ 'skill/a@1.0.0': () => ({ init: () => Promise.reject(new TypeError('no')) }) });
    await stage.release('skill/a', '1.0.0');
    const codes: string[] = [];
    for (let times = 0; times < 4; times += 1) codes.push((await failure(callOf(stage)('skill/a', 'next'))).code);
    expect(codes).toEqual(['MODULE_FAILED', 'MODULE_FAILED', 'MODULE_FAILED', 'MODULE_QUARANTINED']);
    expect(stage.seen.alive).toBe(0);
  });

  it('falls over idle as well', async () => {
    const tools: Tools[] = [];
    const stage = await setStage({
      'skill/a@1.0.0': (given) => {
        tools.push(given);
        return counter();
      },
    });
    await stage.release('skill/a', '1.0.0', keeping);
    await callOf(stage)('skill/a', 'next');
    await until(async () => (await keptState(stage)) === 1);
    expect(() => tools[0]?.crash()).toThrow('gone');
    expect(stateOf(stage)).toBe('failed');
    expect(await callOf(stage)('skill/a', 'next')).toBe(2);
  });
});

describe('a module that asks for what it was not granted', () => {
  const greedy = ({ hostCall }: Tools): Program => ({
    operations: {
      next: async () => hostCall('net.http', 'fetch', ['https://evil.example/']),
      read: async () => {
        for (let times = 0; times < 1_000; times += 1)
          await hostCall('net.http', 'fetch', ['https://evil.example/']).catch(() => {});
      },
    },
  });

  it('is stopped after ten times within ten seconds, with what runs on it', async () => {
    const stage = await setStage({ 'skill/a@1.0.0': greedy });
    await stage.release('skill/a', '1.0.0');
    const call = callOf(stage);
    for (let times = 0; times < 9; times += 1)
      expect(await failure(call('skill/a', 'next'))).toMatchObject({ code: 'CAPABILITY_DENIED' });
    expect(stage.runtime.running()).toMatchObject([{ state: 'ready', denials: 9 }]);
    // One that swallows the refusals and tries on ends all the same.
    expect(await failure(call('skill/a', 'read'))).toMatchObject({ code: 'MODULE_SUSPENDED' });
    expect(await failure(call('skill/a', 'next'))).toMatchObject({ code: 'MODULE_SUSPENDED' });
    expect(stateOf(stage)).toBe('suspended');
    expect(stage.seen.alive).toBe(0);
    expect(await kinds(stage)).toEqual(['module.suspended']);
    await stage.runtime.load('skill/a');
    expect(await failure(call('skill/a', 'next'))).toMatchObject({ code: 'CAPABILITY_DENIED' });
  });

  it('is not stopped when it asks rarely', async () => {
    const stage = await setStage({ 'skill/a@1.0.0': greedy });
    await stage.release('skill/a', '1.0.0');
    for (let times = 0; times < 30; times += 1) {
      await failure(callOf(stage)('skill/a', 'next'));
      stage.clock.advance(1_200);
    }
    expect(stage.runtime.running()).toMatchObject([{ state: 'ready', denials: 30 }]);
  });
});

describe('the state of a module', () => {
  const set = async (program: () => Program, card: Card = keeping): Promise<Stage> => {
    const stage = await setStage({ 'skill/a@1.0.0': program });
    await stage.release('skill/a', '1.0.0', card);
    return stage;
  };

  it('outlives the process', async () => {
    const stage = await set(() => counter(40));
    expect(await callOf(stage)('skill/a', 'next')).toBe(41);
    const next = await stage.again();
    expect(await callOf(next)('skill/a', 'next')).toBe(42);
  });

  it('is kept after writes and messages, not after reads, and outlives a crash of the process', async () => {
    let snapshots = 0;
    const stage = await set(() => {
      const inner = counter();
      return { ...inner, snapshot: () => (++snapshots, inner.snapshot?.()) };
    });
    const call = callOf(stage);
    await call('skill/a', 'read');
    await turns();
    expect(snapshots).toBe(0);
    await call('skill/a', 'next');
    await until(async () => (await keptState(stage)) === 1);
    expect(snapshots).toBe(1);
    await stage.runtime.message('skill/a', 'topic', null);
    await until(async () => (await keptState(stage)) === 2);
    const next = await stage.again('crashes');
    expect(await callOf(next)('skill/a', 'next')).toBe(3);
  });

  it('is not taken once for each of many calls', async () => {
    let snapshots = 0;
    const stage = await set(() => {
      const inner = counter();
      return { ...inner, snapshot: () => (++snapshots, inner.snapshot?.()) };
    });
    await Promise.all(Array.from({ length: 50 }, () => callOf(stage)('skill/a', 'next')));
    await until(async () => (await keptState(stage)) === 50);
    expect(snapshots).toBeLessThan(4);
  });

  it('is not kept where the manifest declares none', async () => {
    const stage = await set(() => counter(), {});
    await callOf(stage)('skill/a', 'next');
    const next = await stage.again();
    expect(await callOf(next)('skill/a', 'next')).toBe(1);
    expect(await next.store.list('states')).toEqual([]);
  });

  it('that is too large is not kept; the last that fitted is', async () => {
    let text = 'x';
    const stage = await set(
      () => ({ operations: { next: () => (text += text) && null }, snapshot: () => text, restore: () => null }),
      { ...keeping, limits: { resultBytes: 64 } },
    );
    const call = callOf(stage);
    for (let times = 0; times < 8; times += 1) {
      await call('skill/a', 'next');
      await turns();
    }
    expect(await keptState(stage)).toBe('x'.repeat(32));
    expect(await failure(stage.runtime.reload('skill/a'))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      data: { limit: 'resultBytes', set: expect.stringContaining('plugin.json') },
    });
    expect(await call('skill/a', 'next')).toBe(null);
  });

  it('that is refused says between which versions', async () => {
    const stage = await set(() => counter());
    await callOf(stage)('skill/a', 'next');
    await stage.runtime.close();
    await stage.store.transact([
      { kind: 'put', table: 'states', id: 'skill/a', value: { version: 3, state: 'text', module: '0.9.0', takenAt: '' } },
    ]);
    const next = await stage.again('crashes');
    expect(await failure(callOf(next)('skill/a', 'next'))).toMatchObject({
      code: 'MODULE_FAILED',
      message: expect.stringMatching(/1\.0\.0 does not take the state that 0\.9\.0 left \(state version 3, its own is 1\)/),
    });
  });
});

describe('replicas', () => {
  it('share the calls, the freest first', async () => {
    let made = 0;
    const gate = Promise.withResolvers<void>();
    const stage = await setStage({
      'skill/a@1.0.0': () => {
        const number = ++made;
        return { operations: { next: async () => (await gate.promise, number), read: () => number } };
      },
    });
    await stage.release('skill/a', '1.0.0');
    expect(await stage.runtime.load('skill/a', { replicas: 3 })).toMatchObject({ replicas: 3 });
    const call = callOf(stage);
    const slow = [call('skill/a', 'next'), call('skill/a', 'next')];
    expect(await call('skill/a', 'read')).toBe(3);
    gate.resolve();
    expect(await Promise.all(slow)).toEqual([1, 2]);
    await stage.runtime.reload('skill/a');
    expect(made).toBe(6);
    expect(await stage.runtime.load('skill/a', { replicas: 1 })).toMatchObject({ replicas: 1 });
    await until(() => stage.seen.alive === 1);
    await stage.runtime.load('skill/a', { replicas: 2 });
    await stage.runtime.unload('skill/a');
    expect(stage.seen.alive).toBe(0);
  });

  it('are replaced when one is lost, while the others go on', async () => {
    const stage = await setStage({
      'skill/a@1.0.0': ({ crash }) => ({ operations: { next: () => 1, crash } }),
    });
    await stage.release('skill/a', '1.0.0', { operations: ['next', 'crash'] });
    await stage.runtime.load('skill/a', { replicas: 2 });
    const call = callOf(stage);
    await failure(call('skill/a', 'crash'));
    expect(stage.runtime.running()).toMatchObject([{ state: 'ready', replicas: 1 }]);
    await call('skill/a', 'next');
    await until(() => stage.runtime.running()[0]?.replicas === 2);
    expect(stage.runtime.running()).toMatchObject([{ state: 'ready', replicas: 2, restarts: 1 }]);
  });

  it('are refused where state is kept', async () => {
    const stage = await setStage({ 'skill/a@1.0.0': () => counter() });
    await stage.release('skill/a', '1.0.0', keeping);
    const refused = { code: 'UNSUPPORTED', message: expect.stringContaining('keeps state') };
    expect(await failure(stage.runtime.load('skill/a', { replicas: 2 }))).toMatchObject(refused);
    expect(await callOf(stage)('skill/a', 'next')).toBe(1);
    expect(await failure(stage.runtime.load('skill/a', { replicas: 2 }))).toMatchObject(refused);
    expect(await callOf(stage)('skill/a', 'next')).toBe(2);
  });
});
