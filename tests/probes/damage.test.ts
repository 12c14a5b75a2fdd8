/** Probes P115 and P116: a byte that changed, and a record that somebody worked on, have a name; nothing else comes out than what went in. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { createBurgeon } from '../../packages/burgeon/src/burgeon.ts';
import { sha256 } from '../../packages/burgeon/src/base/json.ts';
import type { AuditVerdict } from '../../packages/burgeon/src/security/audit.ts';
import { isAsked } from './door-probes.ts';
import { type Answers, type Effect, type Flip, answersOf, effectOf, flip, flipsOf, seeded } from './durability/flips.ts';
import { within } from './durability/grounds.ts';
import { manage } from './durability/operations.ts';
import { openStand } from './durability/stand.ts';
import { counted } from './probe-table.ts';

const bin = fileURLToPath(new URL('../../packages/burgeon/bin/burgeon.mjs', import.meta.url));
const stand = openStand('damage');
const grown = { ground: 'grown' } as const;
/** Another seed finds other bytes. */
const seed = Number(process.env['BURGEON_SEED'] ?? 1);
const perBlock = process.env['BURGEON_EVERY_POINT'] === '1' ? 8 : 1;

/** Of which kind a file is. */
const kindOf = (file: string): string =>
  file.startsWith('blobs')
    ? 'module files'
    : file.startsWith('cache')
      ? 'remembered verdicts'
      : file.replace(/^imports\/.*\.d\.ts$|^types\.d\.ts$/, 'types for editors').replace(/^imports\/.*/, 'imports');

/** Errors have to say where: a file, a record, an entry, a module. */
const isSituated = (text: string): boolean =>
  /[\w-]+\.(?:db|json|pem|key|ts)|record \S+\/|[Ee]ntry \d|"firstBad":\d|bytes kept as|file \S+ of \S+@/.test(text);

const effects = async (
  home: string,
  flips: readonly Flip[],
  whole: Answers,
): Promise<{ kind: string; effect: Effect; flip: Flip; now: Answers }[]> => {
  const found = [];
  for (const each of flips) {
    const copy = join(stand.root, 'flipped');
    cpSync(home, copy, { recursive: true });
    flip(copy, each);
    const now = await answersOf(copy);
    found.push({ kind: kindOf(each.file), effect: effectOf(whole, now), flip: each, now });
    rmSync(copy, { recursive: true });
  }
  return found;
};

describe.skipIf(!isAsked)('P115: one byte', () => {
  it('of any block of any file of a home is named or harmless', async () => {
    const home = stand.copyFor(grown);
    const whole = await answersOf(stand.copyFor(grown));
    expect(Object.values(whole).filter((text) => text.startsWith('!'))).toEqual([]);
    const found = await effects(home, flipsOf(home, { random: seeded(seed), perBlock }), whole);
    for (const [kind, all] of Map.groupBy(found, (each) => each.kind)) {
      const silent = all.filter(({ effect }) => effect.kind === 'silent');
      const texts = silent.map(({ flip: at, effect }) => `\n      ${at.file} ${at.at}: ${effect.texts.join('; ')}`);
      stand.judge(
        'P115',
        `${all.length} bytes of ${kind}`,
        '0 silent',
        `${silent.length} silent; ${counted(all.map(({ effect }) => effect.kind))}${texts.join('')}`,
      );
    }
    const named = found.filter(({ effect }) => effect.kind === 'named');
    const vague = named.filter(({ effect }) => !effect.texts.some(isSituated));
    stand.judge(
      'P115',
      'errors that say where',
      `${named.length} of ${named.length}`,
      `${named.length - vague.length} of ${named.length}${vague.map(({ effect }) => effect.texts.join()).join()}`,
    );
    const others = found.flatMap(({ flip: { file }, now }) =>
      ['notes', 'third']
        .filter((name) => file.startsWith('blobs/') && !filesOf(whole, name).has(file.slice('blobs/'.length)))
        .map((name) => callOf(now, name)),
    );
    const run = others.filter((answer) => answer !== undefined && !answer.startsWith('!')).length;
    stand.judge(
      'P115',
      'calls of modules beside a damaged one',
      `${others.length} of ${others.length}`,
      `${run} of ${others.length}`,
    );
  }, 600_000);

  it('of the log that a killed process left is named, or undoes its last transaction as a whole', async () => {
    const home = stand.copyFor(grown);
    const left = join(stand.root, 'left');
    const before = join(stand.root, 'before');
    await within(home, async (burgeon) => {
      for (const name of ['one', 'two', 'three']) await manage(burgeon, 'grantAccess', { role: 'viewer', name });
      cpSync(home, before, { recursive: true });
      await manage(burgeon, 'grantAccess', { role: 'viewer', name: 'last' });
      // As a killed process would leave it: nobody has closed it.
      cpSync(home, left, { recursive: true });
    });
    const answersOfCopy = async (of: string): Promise<Answers> => {
      const copy = `${of}-copy`;
      cpSync(of, copy, { recursive: true });
      return answersOf(copy);
    };
    const [whole, undone] = [await answersOfCopy(left), await answersOfCopy(before)];
    const flips = flipsOf(left, { random: seeded(seed), perBlock: Math.max(3, perBlock) }).filter(({ file }) =>
      file.endsWith('-wal'),
    );
    const found = (await effects(left, flips, whole)).map(({ effect, now }) =>
      effect.kind === 'silent' && effectOf(undone, now).kind === 'harmless' ? 'last transaction undone' : effect.kind,
    );
    const silent = found.filter((kind) => kind === 'silent').length;
    stand.judge('P115', `${flips.length} bytes of burgeon.db-wal`, '0 silent', `${silent} silent; ${counted(found)}`);
  }, 300_000);
});

/** What a call of a module gave. */
const callOf = (answers: Answers, name: string): string | undefined =>
  Object.entries(answers).find(([question]) => question.startsWith('callOperation') && question.includes(`"${name}"`))?.[1];

/** Digests of the files of a module. */
const filesOf = (answers: Answers, name: string): Set<string> => {
  const shown = Object.entries(answers).find(
    ([question]) => question.startsWith('showModule') && question.includes(`"${name}"`),
  )?.[1];
  const { files } = JSON.parse(shown ?? '{}') as { files: { text: string }[] };
  return new Set(files.map(({ text }) => sha256(text)));
};

/** Works on the record behind Burgeon's back. */
const tamper = (home: string, statements: string): void => {
  const database = new DatabaseSync(join(home, 'burgeon.db'));
  database.exec(statements);
  database.close();
};

/** `burgeon audit verify` as a person runs it. */
const verify = (home: string, words: readonly string[] = []): { code: number; verdict: AuditVerdict } => {
  try {
    const out = execFileSync(process.execPath, [bin, 'audit', 'verify', ...words, '--json', '--home', home], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return { code: 0, verdict: JSON.parse(out) as AuditVerdict };
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    return { code: status, verdict: JSON.parse(stdout) as AuditVerdict };
  }
};

const entries = `(select max(sequence) from entries where log = 'audit')`;

describe.skipIf(!isAsked)('P116: the record', () => {
  it.each([
    ['an entry is deleted', `delete from entries where sequence = 7`, '7'],
    ['an entry is edited', `update entries set entry = replace(entry, '"kind":"', '"kind":"x') where sequence = 9`, '9'],
    ['the end is cut', `delete from entries where sequence > ${entries} - 3`, 'end - 2'],
    [
      'two entries are swapped',
      `update entries set entry = (select entry from entries e where e.sequence = 19 - entries.sequence) where sequence in (9, 10)`,
      '9',
    ],
    ['an entry is put in', `insert into entries values ('local', 'audit', ${entries} + 1, '{"kind":"forged"}')`, 'end + 1'],
    ['the signed end is taken away', `delete from records where kind = 'audit' and id = 'head'`, '1'],
  ])(
    'is not believed when %s',
    (what, statements, where) => {
      const home = stand.copyFor(grown);
      const length = Number(verify(home).verdict.entries);
      tamper(home, statements);
      const { code, verdict } = verify(home);
      const bad = Number(verdict.firstBad);
      const expected = where.startsWith('end') ? where : String(where);
      const got = where.startsWith('end') ? `end ${bad - length < 0 ? '-' : '+'} ${Math.abs(bad - length)}` : String(bad);
      stand.judge('P116', what, `exit 1, first bad ${expected}`, `exit ${code}, first bad ${got}; ${verdict.reason}`);
    },
    60_000,
  );

  it('is not believed when it is an older copy of everything, once there is a checkpoint elsewhere', async () => {
    const home = stand.copyFor(grown);
    const file = join(stand.root, 'checkpoints.jsonl');
    const older = join(stand.root, 'older');
    cpSync(home, older, { recursive: true });
    await within(home, async (burgeon) => {
      await manage(burgeon, 'grantAccess', { role: 'viewer', name: 'later' });
      await manage(burgeon, 'checkpointAudit', { file });
    });
    stand.judge('P116', 'the home of the checkpoint', 'exit 0', `exit ${verify(home, ['--against', file]).code}`);
    stand.judge('P116', 'an older copy by itself', 'exit 0', `exit ${verify(older).code}; chain and signatures are whole`);
    const { code, verdict } = verify(older, ['--against', file]);
    stand.judge('P116', 'an older copy against the checkpoint', 'exit 1', `exit ${code}; ${verdict.reason}`);
  }, 60_000);

  it('goes by what is whole of a file of checkpoints that a crash cut', async () => {
    const home = stand.copyFor(grown);
    const file = join(stand.root, 'cut.jsonl');
    const burgeon = await createBurgeon({ home, threads: false });
    try {
      await manage(burgeon, 'checkpointAudit', { file });
      const { length } = readFileSync(file);
      const whole = `${file}.whole`;
      copyFileSync(file, whole);
      let good = 0;
      const cuts = [1, 2, 100, length - 2, length - 1];
      for (const cut of cuts) {
        copyFileSync(whole, file);
        appendFileSync(file, readFileSync(whole));
        truncateSync(file, length + cut);
        const read = (await manage(burgeon, 'compareAudit', { file })) as JsonObject;
        await manage(burgeon, 'checkpointAudit', { file });
        const again = (await manage(burgeon, 'compareAudit', { file })) as JsonObject;
        if (read['ok'] === true && read['checkpoints'] === 1 && again['ok'] === true && again['checkpoints'] === 2) good += 1;
      }
      stand.judge(
        'P116',
        'half a line at the end of the checkpoints',
        `${cuts.length} of ${cuts.length}`,
        `${good} of ${cuts.length}; passed over, and the next one is a line of its own`,
      );
      const bytes = readFileSync(whole);
      let named = 0;
      const random = seeded(seed);
      for (let n = 0; n < 40; n += 1) {
        const changed = Buffer.from(bytes);
        const at = Math.floor(random() * (changed.length - 1));
        changed[at] = (changed[at] ?? 0) ^ (1 + Math.floor(random() * 255));
        writeFileSync(file, changed);
        const failure = await manage(burgeon, 'compareAudit', { file }).then(
          (value) => JSON.stringify(value),
          (error: unknown) => (error as { message: string }).message,
        );
        if (/^Line \d+ of /.test(failure)) named += 1;
      }
      stand.judge('P116', '40 changed bytes of a file of checkpoints', '40 named', `${named} named; by their line`);
    } finally {
      await burgeon.close();
    }
  }, 60_000);
});
