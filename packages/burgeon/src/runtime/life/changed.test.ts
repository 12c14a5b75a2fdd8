import type { JsonValue } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { callOf, counter, failure, keptState, setStage, until, type Card, type Program } from '../fixtures/stage.ts';

const keeping: Card = { state: { version: 1 } };

describe('releases', () => {
  /** Version 2 of the counter: its state is an object. */
  const second = (): Program => {
    const inner = counter();
    return {
      ...inner,
      snapshot: () => ({ count: inner.snapshot?.() as JsonValue }),
      restore: (state, version) => inner.restore?.(version === 1 ? state : (state as { count: number }).count, version),
    };
  };
  const programs = { 'skill/a@1.0.0': () => counter(), 'skill/a@1.1.0': () => counter(), 'skill/a@2.0.0': second };

  it('take over with the state, and a rollback does too', async () => {
    const stage = await setStage(programs);
    await stage.release('skill/a', '1.0.0', keeping);
    const call = callOf(stage);
    await call('skill/a', 'next');
    await stage.release('skill/a', '1.1.0', keeping);
    expect(await call('skill/a', 'next')).toBe(2);
    expect(stage.runtime.running()).toMatchObject([{ module: 'skill/a', version: '1.1.0' }]);
    await stage.registry.rollback('skill/a', '1.0.0');
    await stage.runtime.changed('skill/a');
    expect(await call('skill/a', 'next')).toBe(3);
    expect(stage.runtime.running()).toMatchObject([{ version: '1.0.0' }]);
  });

  it('are given the version of the state they take over', async () => {
    const stage = await setStage(programs);
    await stage.release('skill/a', '1.0.0', keeping);
    const call = callOf(stage);
    await call('skill/a', 'next');
    await stage.release('skill/a', '2.0.0', { state: { version: 2 } });
    expect(await call('skill/a', 'next')).toBe(2);
    const next = await stage.again();
    expect(await callOf(next)('skill/a', 'next')).toBe(3);
  });

  it('that cannot take over are put back, and nobody notices', async () => {
    const stage = await setStage(programs);
    await stage.release('skill/a', '2.0.0', { state: { version: 2 } });
    const call = callOf(stage);
    await call('skill/a', 'next');
    // The older program knows nothing of the newer state.
    const error = await failure(stage.release('skill/a', '1.1.0', keeping));
    expect(error).toMatchObject({ code: 'MODULE_FAILED', message: expect.stringContaining('from 2.0.0 to 1.1.0') });
    expect(await call('skill/a', 'next')).toBe(2);
    expect(await stage.registry.show('skill/a')).toMatchObject({ version: '2.0.0', state: 'active' });
    expect((await stage.audit.list({ module: 'skill/a' })).at(-1)).toMatchObject({
      kind: 'module.put-back',
      data: { from: '1.1.0', to: '2.0.0' },
    });
  });

  it('cure a version that cannot tell its state, which then goes on with what was kept last', async () => {
    let broken = false;
    const stage = await setStage({
      ...programs,
      'skill/a@1.0.0': () => {
        const inner = counter();
        return { ...inner, snapshot: () => (broken ? Promise.reject(new TypeError('no')) : inner.snapshot?.()) };
      },
    });
    await stage.release('skill/a', '1.0.0', keeping);
    const call = callOf(stage);
    await call('skill/a', 'next');
    await until(async () => (await keptState(stage)) === 1);
    broken = true;
    expect(await failure(stage.runtime.reload('skill/a'))).toMatchObject({ code: 'MODULE_FAILED' });
    await stage.release('skill/a', '1.1.0', keeping);
    expect(await call('skill/a', 'next')).toBe(2);
  });

  it('take over also from a version that is only just starting', async () => {
    const gate = Promise.withResolvers<void>();
    const stage = await setStage({ ...programs, 'skill/a@1.0.0': () => ({ ...counter(), init: () => gate.promise }) });
    await stage.release('skill/a', '1.0.0', keeping);
    const early = callOf(stage)('skill/a', 'next');
    await until(() => stage.runtime.running()[0]?.state === 'loading');
    const described = stage.runtime.describe('skill/a');
    const released = stage.release('skill/a', '1.1.0', keeping);
    gate.resolve();
    await Promise.all([early, released, described]);
    expect(stage.runtime.running()).toMatchObject([{ version: '1.1.0' }]);
    expect(await callOf(stage)('skill/a', 'next')).toBe(2);
  });

  it('leave alone what has nothing to do with them', async () => {
    const stage = await setStage({ ...programs, 'skill/b@1.0.0': () => counter() });
    await stage.release('skill/a', '1.0.0');
    await stage.release('skill/b', '1.0.0');
    const call = callOf(stage);
    await call('skill/b', 'next');
    await call('skill/a', 'next');
    await stage.release('skill/a', '1.1.0');
    expect(await call('skill/b', 'next')).toBe(2);
    expect(stage.seen.started.filter((key) => key.startsWith('skill/b'))).toHaveLength(1);
  });

  it('of data modules open their connection anew', async () => {
    const stage = await setStage({ 'api/x@1.0.0': () => ({ operations: { read: () => 1 } }) });
    await stage.release('api/x', '1.0.0', { kind: 'data' });
    await callOf(stage)('api/x', 'read');
    await stage.runtime.changed('api/x');
    expect(stage.seen.started).toHaveLength(2);
  });

  it('that are archived end, and come back with their state; removed ones do not', async () => {
    const stage = await setStage(programs);
    await stage.release('skill/a', '1.0.0', keeping);
    const call = callOf(stage);
    await call('skill/a', 'next');
    await stage.registry.archive('skill/a');
    await stage.runtime.changed('skill/a');
    expect(stage.seen.alive).toBe(0);
    expect(await failure(call('skill/a', 'next'))).toMatchObject({ code: 'MODULE_ARCHIVED' });
    await stage.registry.restore('skill/a');
    await stage.runtime.changed('skill/a');
    expect(await call('skill/a', 'next')).toBe(2);
    await stage.registry.remove('skill/a');
    await stage.runtime.changed('skill/a');
    expect(await failure(call('skill/a', 'next'))).toMatchObject({ code: 'MODULE_NOT_FOUND' });
    expect(await stage.store.list('states')).toEqual([]);
    await stage.release('skill/a', '1.0.0', keeping);
    expect(await call('skill/a', 'next')).toBe(1);
  });
});
