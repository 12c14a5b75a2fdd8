import { BurgeonError } from '@burgeon/kit';
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
} from './fixtures/stage.ts';

const keeping: Card = { state: { version: 1 } };

const statesOf = ({ runtime }: Stage): string[] => runtime.running().map(({ state }) => state);

/** A program whose write waits in its middle until it is let through. */
const slowCounter = (gate: { passing: Promise<void> }): Program => {
  const inner = counter();
  return {
    ...inner,
    operations: {
      ...inner.operations,
      next: async () => {
        await gate.passing;
        return inner.operations?.['next']?.({});
      },
    },
  };
};

describe('a module that runs', () => {
  it('is started by its first call, once, and described without being started', async () => {
    const stage = await setStage({ 'skill/a@1.0.0': () => counter() });
    await stage.release('skill/a', '1.0.0');
    expect((await stage.runtime.describe('skill/a')).operations).toHaveLength(2);
    expect(stage.seen.started).toEqual([]);
    const call = callOf(stage);
    expect(await Promise.all([call('skill/a', 'next'), call('a', 'next'), call('skill/a@1.0.0', 'next')])).toEqual([1, 2, 3]);
    expect(stage.seen.started).toEqual(['skill/a@1.0.0']);
    await stage.runtime.close();
    expect(stage.seen.alive).toBe(0);
    expect(await failure(call('skill/a', 'next'))).toMatchObject({ code: 'CANCELLED' });
  });

  it('tells everybody who waits for its start why it failed, and tries once', async () => {
    const stage = await setStage({});
    await stage.release('skill/a', '1.0.0');
    const call = callOf(stage);
    const errors = await Promise.all([failure(call('skill/a', 'next')), failure(call('skill/a', 'next'))]);
    expect(errors.map(({ code }) => code)).toEqual(['MODULE_FAILED', 'MODULE_FAILED']);
    expect(stage.runtime.running()).toMatchObject([{ module: 'skill/a', state: 'failed' }]);
  });

  it('checks input and output, and names near operations', async () => {
    const stage = await setStage({ 'skill/a@1.0.0': () => counter() });
    await stage.release('skill/a', '1.0.0');
    const call = callOf(stage);
    expect(await failure(call('skill/a', 'nxt'))).toMatchObject({ code: 'OPERATION_NOT_FOUND', data: { near: 'next' } });
    expect(await failure(call('skill/a', 'next', 5 as never))).toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('gives a message its turn, and its reply', async () => {
    const stage = await setStage({ 'skill/a@1.0.0': () => counter() });
    await stage.release('skill/a', '1.0.0');
    expect(await stage.runtime.message('skill/a', 'orders', { any: 1 })).toBe('orders 1');
    expect(stage.metrics.text()).toContain('operation="(message)",outcome="ok"} 1');
  });

  it('lets a caller give up while it waits', async () => {
    const gate = Promise.withResolvers<void>();
    const stage = await setStage({ 'skill/a@1.0.0': () => ({ ...counter(), init: () => gate.promise }) });
    await stage.release('skill/a', '1.0.0');
    const given = new AbortController();
    const waiting = failure(stage.runtime.call('skill/a', 'next', {}, { signal: given.signal }));
    await turns();
    given.abort();
    expect(await waiting).toMatchObject({ code: 'CANCELLED' });
    gate.resolve();
    expect(await callOf(stage)('skill/a', 'next')).toBe(1);
  });
});

describe('the end', () => {
  const never = new Promise<never>(() => {});

  it('does not wait for a start that hangs', async () => {
    const stage = await setStage({ 'skill/a@1.0.0': () => ({ init: () => never }) });
    await stage.release('skill/a', '1.0.0');
    const waiting = failure(callOf(stage)('skill/a', 'next'));
    await until(() => stage.seen.started.length === 1);
    await stage.runtime.close();
    expect(await waiting).toMatchObject({ code: 'CANCELLED' });
    expect(stage.seen.alive).toBe(0);
  });

  it('does not wait for a call that hangs, and keeps the state that was kept last', async () => {
    const stage = await setStage({
      'skill/a@1.0.0': () => {
        const inner = counter();
        return { ...inner, operations: { ...inner.operations, hang: () => never } };
      },
    });
    await stage.release('skill/a', '1.0.0', { ...keeping, operations: ['next', 'hang'] });
    await callOf(stage)('skill/a', 'next');
    await until(async () => (await keptState(stage)) === 1);
    const hanging = failure(callOf(stage)('skill/a', 'hang'));
    const reloading = failure(stage.runtime.reload('skill/a'));
    await until(() => statesOf(stage)[0] === 'handing-over');
    const next = await stage.again();
    expect([await hanging, await reloading]).toMatchObject([{ code: 'CANCELLED' }, { code: 'CANCELLED' }]);
    expect(stage.seen.alive).toBe(0);
    expect(await callOf(next)('skill/a', 'next')).toBe(2);
  });
});

describe('reload', () => {
  it('keeps the state, declared or not', async () => {
    for (const card of [keeping, {}]) {
      const stage = await setStage({ 'skill/a@1.0.0': () => counter(40) });
      await stage.release('skill/a', '1.0.0', card);
      const call = callOf(stage);
      expect(await call('skill/a', 'next')).toBe(41);
      expect(await stage.runtime.reload('skill/a')).toMatchObject({ state: 'ready', replicas: 1 });
      expect(await call('skill/a', 'next')).toBe(42);
      await stage.runtime.close();
      expect(stage.seen).toEqual({ started: ['skill/a@1.0.0', 'skill/a@1.0.0'], alive: 0 });
    }
  });

  it('waits for a write that runs, lets later calls wait, and loses none', async () => {
    const gate = { passing: Promise.resolve() };
    const stage = await setStage({ 'skill/a@1.0.0': () => slowCounter(gate) });
    await stage.release('skill/a', '1.0.0', keeping);
    const call = callOf(stage);
    expect(await call('skill/a', 'next')).toBe(1);
    const held = Promise.withResolvers<void>();
    gate.passing = held.promise;
    const early = call('skill/a', 'next');
    const reloaded = stage.runtime.reload('skill/a');
    await until(() => statesOf(stage)[0] === 'handing-over');
    const late = call('skill/a', 'next');
    await turns();
    expect(stage.runtime.running()).toMatchObject([{ inFlight: 1 }]);
    held.resolve();
    expect(await early).toBe(2);
    await reloaded;
    expect(await late).toBe(3);
  });

  it('loses no call and no write in many reloads under load', async () => {
    const slow = (): Program => {
      let count = 0;
      return {
        operations: {
          next: async () => {
            await Promise.resolve();
            count += 1;
            await new Promise((resolve) => setImmediate(resolve));
            return count;
          },
        },
        snapshot: () => count,
        restore: (state) => void (count = state as number),
      };
    };
    const stage = await setStage({ 'skill/a@1.0.0': slow });
    await stage.release('skill/a', '1.0.0', keeping);
    const call = callOf(stage);
    let reloading = true;
    let calls = 0;
    const load = async (): Promise<void> => {
      while (reloading) {
        calls += 1;
        await call('skill/a', 'next');
      }
    };
    const loads = Array.from({ length: 8 }, load);
    for (let count = 0; count < 200; count += 1) await stage.runtime.reload('skill/a');
    reloading = false;
    await Promise.all(loads);
    expect(await call('skill/a', 'next')).toBe(calls + 1);
    await stage.runtime.close();
    expect(stage.seen.alive).toBe(0);
  });

  it('does not wait where there is no state', async () => {
    const gate = { passing: Promise.resolve() };
    const { snapshot: _snapshot, restore: _restore, ...stateless } = counter();
    const stage = await setStage({ 'skill/a@1.0.0': () => ({ ...stateless, operations: { next: () => gate.passing } }) });
    await stage.release('skill/a', '1.0.0');
    const call = callOf(stage);
    await call('skill/a', 'next');
    const held = Promise.withResolvers<void>();
    gate.passing = held.promise;
    const early = call('skill/a', 'next');
    await stage.runtime.reload('skill/a');
    gate.passing = Promise.resolve();
    await call('skill/a', 'next');
    expect(stage.seen.alive).toBe(2);
    held.resolve();
    await early;
    await until(() => stage.seen.alive === 1);
  });

  it.each<[string, Partial<Program>]>([
    ['init', { init: () => Promise.reject(new BurgeonError('MODULE_FAILED', { message: 'no luck' })) }],
    ['restore', { restore: () => Promise.reject(new BurgeonError('MODULE_FAILED', { message: 'no luck' })) }],
  ])('throws a new instance away whose %s fails; the old one goes on', async (_name, broken) => {
    let made = 0;
    const stage = await setStage({ 'skill/a@1.0.0': () => (++made === 2 ? { ...counter(), ...broken } : counter()) });
    await stage.release('skill/a', '1.0.0', keeping);
    const call = callOf(stage);
    await call('skill/a', 'next');
    const reloading = failure(stage.runtime.reload('skill/a'));
    const during = call('skill/a', 'next');
    expect(await reloading).toMatchObject({
      code: 'MODULE_FAILED',
      message: 'skill/a could not be reloaded: no luck',
      hint: expect.stringContaining('1.0.0 goes on'),
    });
    expect(await during).toBe(2);
    expect(stage.seen.alive).toBe(1);
    await stage.runtime.reload('skill/a');
    expect(await call('skill/a', 'next')).toBe(3);
  });

  it('goes on with the last state that was kept when the old instance falls over meanwhile', async () => {
    const gate = Promise.withResolvers<void>();
    const tools: Tools[] = [];
    let made = 0;
    const stage = await setStage({
      'skill/a@1.0.0': (given) => {
        tools.push(given);
        return ++made === 2 ? { ...counter(), init: () => gate.promise } : counter();
      },
    });
    await stage.release('skill/a', '1.0.0', keeping);
    const call = callOf(stage);
    await call('skill/a', 'next');
    await until(async () => (await keptState(stage)) === 1);
    const reloading = stage.runtime.reload('skill/a');
    await until(() => made === 2);
    expect(() => tools[0]?.crash()).toThrow('gone');
    const waiting = call('skill/a', 'next');
    gate.resolve();
    await reloading;
    expect(await waiting).toBe(2);
  });
});

describe('calls between modules while one is reloaded', () => {
  /** Two modules that call each other so deep, waiting at the bottom; `mine` counts. */
  const deep =
    (other: string, gate: { passing: Promise<void> }) =>
    ({ hostCall }: Tools): Program => {
      let mine = 0;
      return {
        operations: {
          next: async ({ depth }) => {
            mine += 1;
            if (depth === 0) await gate.passing;
            else await hostCall('module.call', 'call', [other, 'next', { depth: (depth as number) - 1 }]);
            return mine;
          },
          read: () => mine,
        },
        snapshot: () => mine,
        restore: (state) => void (mine = state as number),
      };
    };

  it('goes through where a call that is waited for needs it', async () => {
    const gate = { passing: Promise.resolve() };
    const stage = await setStage({ 'skill/a@1.0.0': deep('skill/b', gate), 'skill/b@1.0.0': deep('skill/a', gate) });
    for (const [id, other] of [
      ['skill/a', 'skill/b'],
      ['skill/b', 'skill/a'],
    ] as const)
      await stage.release(id, '1.0.0', { ...keeping, capabilities: [{ kind: 'module.call', scope: { ids: [other] } }] });
    const call = callOf(stage);
    await call('skill/a', 'next', { depth: 1 });
    const held = Promise.withResolvers<void>();
    gate.passing = held.promise;
    // a waits at its bottom; then one that will call b, which calls a, starts while both are being reloaded.
    const bottom = [call('skill/a', 'next', { depth: 0 }), call('skill/b', 'next', { depth: 0 })];
    const reloads = [stage.runtime.reload('skill/a'), stage.runtime.reload('skill/b')];
    const through = [call('skill/a', 'next', { depth: 3 }), call('skill/b', 'next', { depth: 3 })];
    await until(() => statesOf(stage).every((state) => state === 'handing-over'));
    await turns();
    held.resolve();
    await Promise.all([...bottom, ...reloads, ...through]);
    expect([await call('skill/a', 'read'), await call('skill/b', 'read')]).toEqual([6, 6]);
  });
});

describe('streams', () => {
  it('are read to their end on the instance they began on', async () => {
    const stage = await setStage({
      'api/x@1.0.0': () => ({
        stream: async function* () {
          yield 1;
          yield 2;
        },
      }),
    });
    await stage.release('api/x', '1.0.0', { kind: 'data', operations: ['stream'] });
    const { stream } = await stage.runtime.call('api/x', 'stream', {});
    const items = stream?.[Symbol.asyncIterator]();
    expect(await items?.next()).toMatchObject({ value: 1 });
    await stage.runtime.reload('api/x');
    expect(stage.seen.alive).toBe(2);
    expect([await items?.next(), await items?.next()]).toMatchObject([{ value: 2 }, { done: true }]);
    await until(() => stage.seen.alive === 1);
    const other = (await stage.runtime.call('api/x', 'stream', {})).stream?.[Symbol.asyncIterator]();
    await other?.return?.();
    await stage.runtime.close();
    expect(stage.seen.alive).toBe(0);
  });
});
