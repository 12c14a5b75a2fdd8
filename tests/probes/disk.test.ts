/** Probes P112 to P114: a disk that loses power, that is full, and that fails. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Burgeon } from '../../packages/burgeon/src/burgeon.ts';
import { isAsked } from './door-probes.ts';
import { type Disk, imageDisk, tmpfs } from './durability/disk.ts';
import { seeded } from './durability/flips.ts';
import { within } from './durability/grounds.ts';
import { faultsOf, judge } from './durability/judge.ts';
import { type Point, ask, calls, finish, pointsIn, start, trace, traced } from './durability/kernel.ts';
import { type Operation, manage, operations, sightOf } from './durability/operations.ts';
import { inLanes, openStand, operation } from './durability/stand.ts';
import { counted } from './probe-table.ts';

const stand = openStand('disks');
const { cache, copyFor } = stand;
const mounted: Disk[] = [];
afterEach(() => {
  for (const disk of mounted.splice(0)) disk.unmount();
});
const mount = <D extends Disk>(disk: D): D => {
  mounted.push(disk);
  return disk;
};
const codeIn = (said: string): string => /"code":"(\w+)"/.exec(said)?.[1] ?? said;
/** A code counts once: who sends it again, because the answer to the first time was lost, hears that all is done. */
const isDone = (said: string): boolean => said === 'acknowledged' || said.includes('is approved already');

describe.skipIf(!isAsked)('P112: a loss of power', () => {
  it('takes nothing that was acknowledged', async () => {
    const disk = mount(imageDisk());
    const home = copyFor({ ground: 'grown' }, disk.folder);
    const name = home.slice(disk.folder.length + 1);
    disk.sync();
    const random = seeded(112);
    const promised = { keys: 1, secrets: new Map<string, number>(), policy: 0, modules: 3 };
    const acts: ((burgeon: Burgeon, n: number) => Promise<void>)[] = [
      async (burgeon, n) => {
        await manage(burgeon, 'grantAccess', { role: 'viewer', name: `key ${n}` });
        promised.keys += 1;
      },
      async (burgeon, n) => {
        await manage(burgeon, 'setSecret', { name: `api/notes/s${n % 5}`, value: `value ${n}` });
        promised.secrets.set(`api/notes/s${n % 5}`, (promised.secrets.get(`api/notes/s${n % 5}`) ?? 0) + 1);
      },
      async (burgeon, n) => {
        await manage(burgeon, 'setChannel', {
          name: 'webhook',
          settings: { url: 'https://gate.example/', deliver: 'sms', to: String(n) },
        });
        promised.policy = n;
      },
    ];
    const { facts } = stand.grounds().of('grown');
    const faults: string[] = [];
    const rounds = 50;
    await within(home, async (burgeon) => {
      for (let round = 1; round <= rounds; round += 1) {
        const many = 1 + Math.floor(random() * 3);
        for (let n = 0; n < many; n += 1) await acts[Math.floor(random() * acts.length)]?.(burgeon, round * 10 + n);
        // Bytes of modules now and then: they are files of their own.
        if (round % 10 === 0) {
          await manage(burgeon, 'addModule', {
            what: join(facts.sources, 'other.json'),
            location: facts.location,
            name: `m${round}`,
          });
          promised.modules += 1;
        }
        await disk.afterPowerLoss(async (folder) => {
          const found = await within(join(folder, name), async (other) => {
            const sight = await sightOf(other);
            const channels = (await manage(other, 'listChannels')) as { name: string; settings?: { to: string } }[];
            return {
              sight,
              faults: await faultsOf(other, sight),
              to: channels.find((each) => each.name === 'webhook')?.settings?.to,
            };
          });
          const lost = [
            found.sight.accessKeys === promised.keys ? '' : `${found.sight.accessKeys} keys of ${promised.keys}`,
            Object.keys(found.sight.versions).length === promised.modules
              ? ''
              : `${Object.keys(found.sight.versions).length} modules`,
            promised.policy === 0 || found.to === String(promised.policy) ? '' : `policy ${found.to} not ${promised.policy}`,
            ...[...promised.secrets].map(([secret, version]) =>
              found.sight.secrets[secret] === version ? '' : `${secret} is gone`,
            ),
            ...found.faults,
          ].filter((each) => each !== '');
          faults.push(...lost.map((each) => `\n      round ${round}: ${each}`));
        });
      }
    });
    stand.judge(
      'P112',
      `power lost ${rounds} times, right after an acknowledgement`,
      '0 lost',
      `${faults.length} lost${faults.join('')}`,
    );
  }, 300_000);
});

/** What is done to a disk that is full. */
const starved: readonly Operation[] = [
  'add',
  'approve, second channel (activate)',
  'rollback',
  'secret set',
  'vault rotate',
  'channels set',
  'access grant',
].map(operation);

describe.skipIf(!isAsked)('P113: a full disk', () => {
  it.each(starved)(
    'refuses $name by name, keeps what was, and goes on when there is space',
    async (each) => {
      const { facts } = stand.grounds().of(each.ground);
      const said: string[] = [];
      const faults: string[] = [];
      // Bytes that are left once the home is open; -1: inodes are what is missing.
      for (const left of [0, 8_192, 24_576, 49_152, 98_304, 262_144, -1]) {
        const disk = mount(tmpfs(join(stand.root, `full-${starved.indexOf(each)}-${left}`)));
        const home = copyFor(each, disk.folder);
        const started = await start(home, each.name, { facts, cache });
        disk.fill(left);
        const refused = await ask(started);
        disk.empty();
        const again = refused === 'acknowledged' ? refused : await ask(started);
        const outcome = await finish(started);
        said.push(refused === 'acknowledged' ? refused : codeIn(refused));
        if (!isDone(again)) faults.push(`${left}: afterwards ${again}`);
        if (!outcome.closed) faults.push(`${left}: it never closed`);
        const { lost, half } = await judge(home, each, { facts, acknowledged: true });
        faults.push(...[...lost, ...half].map((fault) => `${left}: ${fault}`));
      }
      const other = said.filter((code) => code !== 'acknowledged' && code !== 'HOME_FULL');
      stand.judge(
        'P113',
        each.name,
        '0 other errors, 0 faults',
        `${other.length} other errors, ${faults.length} faults; ${counted(said)}${faults.map((fault) => `\n      ${fault}`).join('')}`,
      );
    },
    120_000,
  );

  it('is told at opening, and nothing is lost by it', async () => {
    const each = operation('secret set');
    const { facts } = stand.grounds().of(each.ground);
    for (const [what, left] of [
      ['no space', 0],
      ['no inode', -1],
    ] as const) {
      const disk = mount(tmpfs(join(stand.root, `opening-${left}`)));
      const home = copyFor(each, disk.folder);
      disk.fill(left);
      const opened = await within(home, async () => 'opened').catch((error: unknown) => (error as { code: string }).code);
      disk.empty();
      const { lost, half } = await judge(home, each, { facts, acknowledged: false });
      stand.judge('P113', `opening with ${what}`, 'HOME_FULL', `${opened}; ${[...lost, ...half].join() || 'whole afterwards'}`);
    }
  }, 60_000);
});

describe.skipIf(!isAsked)('P114: a sync that fails', () => {
  it.each(operations.filter(({ ground, name }) => ground !== 'nothing' && name !== 'package add'))(
    'is never acknowledged by $name, nor forgotten',
    async (each) => {
      const { facts } = stand.grounds().of(each.ground);
      const first = copyFor(each);
      const log = `${first}.log`;
      const dry = await start(first, each.name, { facts, cache });
      await traced(dry, ['main', 'pool'], ['-y', '-o', log, '-e', `trace=${calls.join(',')}`]);
      const syncs = pointsIn(log, dry.threads, first).filter(({ call, after }) => call === 'fsync' && !after);
      // SQLite passes over a failure to sync the folder; the store has done that itself before.
      const ofFolder = syncs.filter(({ thread, line }) => thread === 'main' && line.includes(`${first}>`));
      const points = syncs.filter((point) => !ofFolder.slice(1).includes(point));
      const faults: string[] = [];
      const said: string[] = [];
      await inLanes(points, async ({ thread, nth }: Point) => {
        const home = copyFor(each);
        const started = await start(home, each.name, { facts, cache });
        const inject = ['-e', 'trace=fsync', '-e', `inject=fsync:error=EIO:when=${nth}`];
        const tracing = await trace(started, [thread], ['-o', '/dev/null', ...inject]);
        const answers = [codeIn(await ask(started)), codeIn(await ask(started))];
        const outcome = await finish(started);
        await tracing.ended;
        said.push(answers.join(', then '));
        // A store that failed takes nothing more. Files that are written as a whole are written anew, which is no second try.
        if (answers[0] !== 'HOME_UNWRITABLE' || (thread === 'main' && answers[1] !== 'HOME_UNWRITABLE'))
          faults.push(`${thread} ${nth}: ${answers.join(', then ')}`);
        if (!outcome.closed) faults.push(`${thread} ${nth}: it never closed`);
        // It was done once, twice or not at all; what counts is that it holds together.
        const any = { ...each, look: () => 'any', states: ['any'] };
        const { lost, half } = await judge(home, any, { facts, acknowledged: false });
        faults.push(...[...lost, ...half].map((fault) => `${thread} ${nth}: ${fault}`));
        rmSync(home, { recursive: true, force: true });
      });
      expect(points.length).toBeGreaterThan(0);
      stand.judge(
        'P114',
        `${each.name}: ${points.length} syncs`,
        '0 faults',
        `${faults.length} faults; ${counted(said)}${faults.map((fault) => `\n      ${fault}`).join('')}`,
      );
    },
    300_000,
  );
});
