/** Probes P111 and P118: whatever kills a process, what was acknowledged is there and nothing is half applied. */
import { rmSync } from 'node:fs';
import { BurgeonError } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { createBurgeon } from '../../packages/burgeon/src/burgeon.ts';
import { isAsked } from './door-probes.ts';
import { judge } from './durability/judge.ts';
import { type Point, ask, calls, finish, pointsIn, start, traced } from './durability/kernel.ts';
import { type Operation, operations } from './durability/operations.ts';
import { inLanes, openStand, operation } from './durability/stand.ts';
import { counted } from './probe-table.ts';

/** `BURGEON_EVERY_POINT=1` kills at every point there is, which takes a quarter of an hour. */
const every = process.env['BURGEON_EVERY_POINT'] === '1';
const stand = openStand('durability');
const { cache, copyFor } = stand;

/** What can be made again from the rest. */
const isDerived = (line: string): boolean => /\/(?:imports|cache|types\.d\.ts)/.test(line);

/** Every sync and every rename of what cannot be made again; of the other calls some, evenly spread. A package is added by the same calls as a document. */
const chosen = (name: string, points: readonly Point[]): Point[] => {
  const isAll = ({ call, line }: Point): boolean =>
    every || (name !== 'package add' && !isDerived(line) && (call === 'fsync' || call === 'fdatasync' || call === 'rename'));
  const groups = Map.groupBy(points, (point) => `${point.thread} ${point.call} ${isAll(point)}`);
  return [...groups.values()].flatMap((group) => {
    const step = group[0] && isAll(group[0]) ? 1 : Math.ceil(group.length / 3);
    return group.filter((_, index) => index % step === Math.floor(step / 2));
  });
};

/** The system calls of an undisturbed run. */
const pointsOf = async (each: Operation): Promise<Point[]> => {
  const { facts } = stand.grounds().of(each.ground);
  const home = copyFor(each);
  const log = `${home}.log`;
  const started = await start(home, each.name, { facts, cache });
  const clean = await traced(started, ['main', 'pool'], ['-y', '-o', log, '-e', `trace=${calls.join(',')}`]);
  expect(clean).toEqual({ acknowledged: true, closed: true, failure: '' });
  return pointsIn(log, started.threads, home);
};

describe.skipIf(!isAsked)('P111: kill -9', () => {
  it.each(operations)(
    'at the system calls of $name loses nothing and leaves nothing half applied',
    async (each) => {
      const { facts } = stand.grounds().of(each.ground);
      const runs = new Map<string, string[]>();
      const faults: string[] = [];
      const states: string[] = [];
      await inLanes(chosen(each.name, await pointsOf(each)), async ({ thread, call, nth }) => {
        const home = copyFor(each);
        const started = await start(home, each.name, { facts, cache });
        const inject = ['-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${nth}`];
        const { acknowledged, closed } = await traced(started, [thread], inject);
        const { lost, half, state } = await judge(home, each, { facts, acknowledged });
        faults.push(...[...lost, ...half].map((fault) => `${thread} ${call} ${nth}: ${fault}`));
        runs.set(call, [...(runs.get(call) ?? []), closed ? 'lived' : acknowledged ? 'after' : 'before']);
        states.push(state);
        rmSync(home, { recursive: true, force: true });
      });
      for (const [call, found] of runs)
        stand.judge(
          'P111',
          `${each.name}: ${call}`,
          `${found.length} runs`,
          `${found.length} runs; killed ${counted(found)} its acknowledgement`,
        );
      stand.judge(
        'P111',
        `${each.name}: found afterwards`,
        '0 lost or half applied',
        `${faults.length} lost or half applied; ${counted(states)}${faults
          .slice(0, 20)
          .map((fault) => `\n      ${fault}`)
          .join('')}`,
      );
    },
    1_800_000,
  );
});

describe.skipIf(!isAsked)('P118: two processes', () => {
  it('never own one home; a killed one passes it on at once', async () => {
    const each = operation('secret set');
    const home = copyFor(each);
    const { facts } = stand.grounds().of(each.ground);
    const first = await start(home, each.name, { facts, cache });
    const second = await createBurgeon({ home, waitMs: 100 }).catch((error: unknown) => BurgeonError.from(error));
    const isNamed = BurgeonError.is(second) && second.message.includes(`Process ${first.child.pid}`);
    stand.judge(
      'P118',
      'a second process',
      'HOME_BUSY',
      `${BurgeonError.is(second) ? second.code : 'opened'}${isNamed ? '; names the first' : ''}`,
    );
    expect(await ask(first)).toBe('acknowledged');
    first.child.kill('SIGKILL');
    await finish(first);
    const began = performance.now();
    const { lost, half } = await judge(home, each, { facts, acknowledged: true });
    const took = `${Math.round(performance.now() - began)} ms`;
    stand.judge(
      'P118',
      'the lock of a killed process',
      'taken over',
      `${[...lost, ...half].join() || 'taken over'}; everything judged in ${took}`,
    );
  }, 60_000);
});
