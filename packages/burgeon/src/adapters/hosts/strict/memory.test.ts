import {
  BurgeonError,
  type Clock,
  type HostContext,
  type Instance,
  type JsonValue,
  type Limits,
  type VerifiedModule,
} from '@burgeon/kit';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../base/clock.ts';
import { granted, hostContext, limited, scriptModule } from '../../../walls/fixtures/script-module.ts';
import { strictOver } from './index.ts';
import { strictPool } from './pool.ts';

const host = strictOver(strictPool());
const open: Instance[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.dispose();
});

interface Start {
  digest?: string;
  state?: number | undefined;
  limits?: Partial<Limits>;
  context?: Partial<HostContext>;
  grants?: boolean;
}

const start = async (code: string, more: Start = {}): Promise<Instance> => {
  const { digest = 'sha256:one', limits = {}, context = {}, grants = false } = more;
  const state = 'state' in more ? more.state : 1;
  const module: VerifiedModule = { ...scriptModule('skill/memory', code, state === undefined ? {} : { state }), digest };
  const instance = await host.start(
    module,
    grants ? granted({ kind: 'random', scope: {} }) : [],
    limited(limits),
    hostContext(context),
  );
  open.push(instance);
  await instance.init();
  return instance;
};

const output = async (instance: Instance, operation: string, input = {}): Promise<JsonValue> =>
  (await instance.call(operation, input)).output;

/** What it keeps no JSON could tell: a closure, an identity, a private field, a promise under way. */
const keeper = `class Counter { #count = 0; up() { return ++this.#count; } }
const counter = new Counter();
const known = new Map([[counter, 'the same']]);
let wake;
const woken = new Promise((resolve) => { wake = resolve; }).then((word) => 'woken by ' + word);
export const operations = {
  up: () => counter.up(),
  same: () => [known.get(counter), counter instanceof Counter],
  wait: () => woken,
  wake: ({ word }) => { wake(word); return null; },
  fill: ({ bytes }) => { counter.bytes = new Uint8Array(bytes).map(() => Math.random() * 256); return null; },
};`;

describe('a strict module without a snapshot of its own', () => {
  it('is handed over with all that is under way, also to a process of another kind', async () => {
    const one = await start(keeper);
    expect([await output(one, 'up'), await output(one, 'up')]).toEqual([1, 2]);
    const former = one.call('wait', {}).catch((error: BurgeonError) => error.code);
    const state = await one.snapshot();
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);

    const other = await start(keeper, { context: { trusted: false } });
    await other.restore(state, 1);
    expect(await output(other, 'up')).toBe(3);
    expect(await output(other, 'same')).toEqual(['the same', true]);
    // Calls of the former life are nobody's now: they answer none of those that have their numbers.
    const waiting = [output(other, 'wait'), output(other, 'wait')];
    await other.call('wake', { word: 'a call' });
    expect(await Promise.all(waiting)).toEqual(['woken by a call', 'woken by a call']);
    expect(await output(one, 'up'), 'the first one goes on').toBe(3);
    await one.dispose();
    expect(await former).toBe('CANCELLED');
  });

  it('takes its timers along, and hears of what cannot be answered any more', async () => {
    const slept: { ms: number; wake(): void }[] = [];
    const clock: Clock = { ...systemClock, sleep: (ms) => new Promise((wake) => slept.push({ ms, wake })) };
    const code = `import { random } from 'burgeon:cap/random';
let rang = 0, lost = '';
export const operations = {
  begin: () => { setTimeout(() => { rang += 1; }, 60_000); random.number().catch((error) => { lost = error.code; }); return null; },
  told: () => [rang, lost],
};`;
    const hostCall = (): Promise<JsonValue> => new Promise(() => {});
    const more = { grants: true, context: { clock, hostCall }, limits: { wallMs: 90_000 } };
    const one = await start(code, more);
    await one.call('begin', {});
    const state = await one.snapshot();
    const other = await start(code, more);
    await other.restore(state, 1);
    expect(await output(other, 'told')).toEqual([0, 'CANCELLED']);
    const [first, second] = slept;
    expect([first?.ms, (second?.ms ?? 0) > 0 && (second?.ms ?? 0) <= 60_000]).toEqual([60_000, true]);
    second?.wake();
    await expect.poll(() => output(other, 'told')).toEqual([1, 'CANCELLED']);
    expect(await output(one, 'told')).toEqual([0, '']);
  });

  it('begins where it was last kept when it is lost', async () => {
    const one = await start(`let sum = 0; export const operations = { up: () => ++sum, loop: () => { for (;;); } };`, {
      limits: { cpuMs: 300 },
    });
    await output(one, 'up');
    await one.snapshot();
    await output(one, 'up');
    await expect(one.call('loop', {})).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(await output(one, 'up')).toBe(2);
  });

  it('hands nothing over when its manifest speaks of no state', async () => {
    const one = await start(keeper, { state: undefined });
    expect(await one.snapshot()).toBeNull();
    await one.restore({ a: 1 });
  });

  it('is held to the size of a result', async () => {
    const one = await start(keeper, { limits: { resultBytes: 500_000 } });
    await one.call('fill', { bytes: 1_000_000 });
    await expect(one.snapshot()).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', data: { limit: 'resultBytes' } });
    expect(await output(one, 'up')).toBe(1);
  });
});

describe('an image of a memory', () => {
  const jsonKeeper = `let sum = 0; export const operations = { up: () => ++sum };
export const snapshot = () => ({ sum }); export const restore = (state) => { sum = state.sum; };`;

  it('is refused by another version, which goes on', async () => {
    const image = await (await start(keeper)).snapshot();
    const other = await start(`${keeper}\n`, { digest: 'sha256:two' });
    await expect(other.restore(image, 1)).rejects.toMatchObject({
      code: 'MODULE_FAILED',
      message: expect.stringContaining('of another version of this module') as string,
    });
    expect(await output(other, 'up')).toBe(1);
    const keeping = await start(jsonKeeper);
    await expect(keeping.restore(image, 1)).rejects.toMatchObject({ code: 'MODULE_FAILED' });
  });

  it('goes to the migrate of a module whose state has another version', async () => {
    const image = await (await start(keeper)).snapshot();
    const migrate = `export const migrate = (state, version) => ({ sum: typeof state.vm === 'string' ? version * 10 : 0 });`;
    const other = await start(`${jsonKeeper}\n${migrate}`, { digest: 'sha256:two', state: 2 });
    await other.restore(image, 1);
    expect(await output(other, 'up')).toBe(11);
  });

  it.each([
    ['nonsense', { vm: 'nonsense' }],
    ['nothing', { vm: '' }],
    ['something else that is packed', { vm: 'KLUv/SAAAQAA' }],
  ])('that is %s is refused', async (_name, image) => {
    const one = await start(keeper);
    await expect(one.restore(image, 1)).rejects.toMatchObject({
      code: 'MODULE_FAILED',
      message: 'The state is no memory image.',
    });
    expect(await output(one, 'up')).toBe(1);
  });

  it('is not made where a module tells its state itself', async () => {
    const one = await start(jsonKeeper);
    await output(one, 'up');
    expect(await one.snapshot()).toEqual({ sum: 1 });
  });
});
