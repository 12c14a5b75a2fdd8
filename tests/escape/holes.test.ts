import type { Host } from '@burgeon/kit';
import { afterEach, describe, expect, it } from 'vitest';
import { createProcess } from '../../packages/burgeon/src/adapters/hosts/process/index.ts';
import { type HostKind, findsNothing, script } from '../../packages/burgeon/src/isolation/case.ts';
import { cases } from '../../packages/burgeon/src/isolation/cases.ts';
import { type Proof, type Verdict, openProof } from '../../packages/burgeon/src/isolation/prove.ts';
import { attackWorld } from '../../packages/burgeon/src/isolation/world.ts';
import { subjectOf } from '../../packages/burgeon/src/isolation/subject.ts';
import { type Wall } from '../../packages/burgeon/src/walls/jail/jail.ts';
import { wallsHere } from '../../packages/burgeon/src/walls/jail/choose.ts';
import { missingHost } from '../proof.ts';
import { isolateWithGlue, withFragileNeighbours, withoutWalls } from './holes.ts';

const open: Proof[] = [];
afterEach(async () => {
  for (const proof of open.splice(0)) await proof.close();
});

const attempt = async (kind: HostKind, host: Host, number: number, patienceMs?: number): Promise<Verdict> => {
  const proof = await openProof(subjectOf(kind, host), { ...attackWorld, ...(patienceMs === undefined ? {} : { patienceMs }) });
  open.push(proof);
  const found = cases.find((each) => each.number === number);
  return proof.attempt(found ?? expect.unreachable());
};

/** The clock that the hole would leave: before Node 26 an engine has none so fine. */
const fineClock = 'Temporal' in globalThis;

describe('a host without walls', () => {
  it.each([36, 38, 40, 46, 47, 49, 53, ...(fineClock ? [74] : [])])('is seen to let attack %i out', async (number) => {
    expect(await attempt('isolate', withoutWalls, number)).toMatchObject({ verdict: 'escaped' });
  });

  it('is seen not to stop what never ends', async () => {
    const waiting = cases.filter(({ number }) => number === 5).map((each) => ({ ...each, attacks: each.attacks.slice(0, 1) }));
    const proof = await openProof(subjectOf('isolate', withoutWalls), { ...attackWorld, patienceMs: 300 });
    open.push(proof);
    const [first] = waiting;
    expect(await proof.attempt(first ?? expect.unreachable())).toMatchObject({
      verdict: 'escaped',
      detail: expect.stringContaining('did not end') as string,
    });
  });

  it('is seen to leave rejections to the control plane', async () => {
    // The runner of these tests takes what nobody catches for a failure of its own; here it is what is looked for.
    const events = ['unhandledRejection', 'uncaughtException'] as const;
    const others = events.map((event) => [event, process.rawListeners(event)] as const);
    for (const event of events) process.removeAllListeners(event);
    try {
      const verdict = await attempt('isolate', withoutWalls, 56);
      expect(verdict).toMatchObject({ verdict: 'died', detail: expect.stringContaining('nobody caught') as string });
    } finally {
      for (const [event, listeners] of others) for (const listener of listeners) process.on(event, listener as () => void);
    }
  });

  it('is seen to let neighbours down', async () => {
    const attacks = [
      script('an honest one', '/* an honest one */ await new Promise((done) => setTimeout(done, 60)); return [];', findsNothing),
    ];
    const proof = await openProof(subjectOf('isolate', withFragileNeighbours('an honest one')), attackWorld);
    open.push(proof);
    const verdict = await proof.attempt({ number: 1, title: 'nothing', group: 'escape', attacks });
    expect(verdict).toMatchObject({ verdict: 'hurt-neighbour' });
  });
});

const glueHoles: [hole: string, number: number, change: (glue: string) => string][] = [
  ['eval stays', 46, (glue) => glue.replace(`'eval', 'Function', `, '')],
  ['the makers of functions stay', 36, (glue) => glue.replace(/for \(const maker of makers\) deleteProperty.*/, '')],
  ['fine clocks stay', 74, (glue) => glue.replace(`'Temporal', `, '')],
  ['nothing is frozen', 49, (glue) => glue.replace('for (const value of seen) freeze(value);', '')],
];

describe.skipIf(await missingHost('isolate'))('isolate with a hole in its glue', () => {
  it.each(glueHoles.filter(([, number]) => number !== 74 || fineClock))(
    '%s: attack %i gets out',
    async (_hole, number, change) => {
      expect(await attempt('isolate', await isolateWithGlue(change), number)).toMatchObject({ verdict: 'escaped' });
    },
  );
});

const { driver, walls } = await wallsHere();
const wallHoles: [wall: Wall, ...numbers: number[]][] = [
  ['files', 63, 64],
  ['network', 71],
  ['system-calls', 65, 68],
  ['namespaces', 70],
];

describe.skipIf((await missingHost('process')) || driver !== 'bubblewrap')('process with a wall left out', () => {
  for (const [wall, ...numbers] of wallHoles) {
    it.skipIf(!walls.includes(wall)).each(numbers)(`${wall}: attack %i gets out`, async (number) => {
      expect(await attempt('process', createProcess({ without: [wall] }), number)).toMatchObject({ verdict: 'escaped' });
    });
  }
});
