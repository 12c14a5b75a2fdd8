import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultBudget, manifestExtension } from '@burgeon/kit';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { migrate, operations, restore, snapshot } from '../../examples/synthesis/index.ts';
import { emptyMemory, memoryOf, mostRemembered } from '../../examples/synthesis/memory.ts';
import type { Outline } from '../../examples/synthesis/proposal.ts';
import { families, subjects } from '../../examples/synthesis/vocabulary.ts';
import { localeOf } from '../../examples/synthesis/words.ts';
import { module } from '../../packages/burgeon/src/adapters/sources/module/index.ts';
import { systemClock } from '../../packages/burgeon/src/base/clock.ts';
import { silentLogger } from '../../packages/burgeon/src/base/log.ts';
import { checkCapability } from '../../packages/burgeon/src/security/capabilities.ts';

const folder = mkdtempSync(join(tmpdir(), 'burgeon-synthesis-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const readContext = {
  budget: defaultBudget,
  clock: systemClock,
  log: silentLogger,
  signal: new AbortController().signal,
};

beforeEach(() => restore(emptyMemory()));

const outlineOf = async (sentence: string): Promise<Outline> =>
  (await operations.propose({ sentence })).outline ?? expect.unreachable(sentence);

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => expect.unreachable(),
    (error: { data?: { code?: unknown } }) => error.data?.code,
  );

/** The same wish in both languages. */
const wishes: [id: string, english: string, polish: string][] = [
  ['skill/water-tracker', 'I want to track how much water I drink', 'Chcę śledzić ile piję wody'],
  ['skill/sleep-tracker', 'Measure how long I sleep', 'Chcę mierzyć sen'],
  ['skill/mood-tracker', 'track my mood', 'chce sledzic nastroj'],
  ['skill/push-ups-counter', 'Count my push-ups', 'Policz moje pompki'],
  ['skill/cigarettes-counter', 'How many times did I smoke?', 'Ile razy paliłem papierosy?'],
  ['skill/dreams-journal', 'A diary of my dreams', 'Dziennik snów'],
  ['skill/shopping-checklist', 'a shopping list', 'Potrzebuję listę zakupów'],
  ['skill/tasks-checklist', 'A to-do list for work', 'Lista zadań do pracy'],
  ['skill/medicine-reminder', 'Remind me to take my pills every day at 8:30 pm', 'Przypominaj mi codziennie o 20:30 o lekach'],
  ['skill/plants-reminder', 'remind me to water the plants every week', 'Przypomnij mi o podlewaniu kwiatów co tydzień'],
  ['skill/website-monitor', 'Alert me when my website is down', 'Powiadom mnie, gdy strona przestanie działać'],
  ['skill/server-monitor', 'Monitor my server', 'Pilnuj serwera'],
  ['skill/length-converter', 'Convert miles to kilometres', 'Przelicz mile na kilometry'],
  ['skill/currency-converter', 'convert euros into zloty', 'Zamień euro na złote'],
];

/** An outline without its texts. */
const bones = ({ operations: proposed, ...rest }: Outline): unknown => ({
  id: rest.id,
  unit: rest.subject?.unit,
  operations: proposed.map(({ summary: _, ...operation }) => operation),
  capabilities: rest.capabilities.map(({ kind, scope }) => ({ kind, scope })),
  questions: rest.questions.map(({ id }) => id),
});

describe('a need', () => {
  it.each(wishes)('is %s in either language', async (id, english, polish) => {
    const [one, other] = [await outlineOf(english), await outlineOf(polish)];
    expect(one.id).toBe(id);
    expect(bones(other)).toEqual(bones(one));
    expect(other.title).not.toBe(one.title);
    expect([localeOf(english), localeOf(polish)]).toEqual(['en', 'pl']);
  });

  it('is answered in the language that is asked for', async () => {
    const { outline } = await operations.propose({ sentence: 'track water', locale: 'pl' });
    expect(outline).toMatchObject({ title: 'Śledzenie: woda', subject: { name: 'water', label: 'woda', unit: 'ml' } });
  });

  it('keeps what was said of times and units, and asks for the rest', async () => {
    const reminder = await outlineOf('remind me to take my pills every day at 8:30 pm');
    expect(reminder.questions).toEqual([]);
    expect(reminder.operations[0]?.input.properties['every']).toEqual({ enum: ['hour', 'day', 'week'], default: 'day' });
    expect((await outlineOf('remind me of my pills')).questions.map(({ id }) => id)).toEqual(['every', 'at']);
    const converter = await outlineOf('convert miles to km');
    expect(converter.operations[0]?.input).toMatchObject({
      properties: { from: { default: 'mi' }, to: { default: 'km' } },
      required: ['amount'],
    });
    expect((await outlineOf('track my guitar practice')).questions.map(({ id }) => id)).toEqual(['unit', 'goal']);
    expect((await outlineOf('track')).questions.map(({ id }) => id)).toEqual(['subject', 'unit', 'goal']);
  });

  it('may be about something unknown', async () => {
    expect(await outlineOf('Chcę śledzić naukę żonglowania')).toMatchObject({
      id: 'skill/nauke-zonglowania-tracker',
      subject: { label: 'naukę żonglowania' },
    });
  });

  it('that says nothing is asked back', async () => {
    expect(await operations.propose({ sentence: 'Cześć, dzień dobry!' })).toMatchObject({
      outline: null,
      confidence: 0,
      questions: [{ id: 'family', text: 'Co ma robić ten moduł?', choices: families }],
    });
  });

  it('is a sentence or an interface, not both', async () => {
    expect(await codeOf(operations.propose({}))).toBe('need');
    expect(await codeOf(operations.propose({ sentence: 'a', interface: { name: 'a', operations: [] } }))).toBe('need');
  });

  it('may be an interface', async () => {
    const pets = { name: 'petstore', operations: [{ id: 'addPet', effect: 'write' as const }, { id: 'getPet' }] };
    const { outline } = await operations.propose({ interface: pets });
    expect(outline).toMatchObject({ id: 'skill/petstore-tracker', capabilities: [{}, { scope: { ids: ['api/petstore'] } }] });
    const rates = { name: 'rates', title: 'Exchange rates', operations: [{ id: 'convertAmount', summary: 'Converts euros.' }] };
    expect((await operations.propose({ interface: rates })).outline?.family).toBe('converter');
    expect((await operations.propose({ interface: { name: 'x', operations: [] } })).outline).toBeNull();
  });

  it('may be any text at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 100 }), async (sentence) => {
        const one = await operations.propose({ sentence });
        const other = await operations.propose({ sentence });
        expect({ ...other, serial: one.serial }).toEqual(one);
        expect(one.outline?.id ?? 'skill/a').toMatch(/^skill\/[a-z][a-z0-9-]*$/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('an outline', () => {
  const everyPair = families.flatMap((family) => {
    const words = { tracker: 'track', counter: 'count', journal: 'diary', checklist: 'checklist', reminder: 'remind' };
    const word = { ...words, monitor: 'monitor', converter: 'convert' }[family];
    return subjects.map(({ label }): [string, string] => [family, `${word} ${label.en}`]);
  });

  it.each(families)('of a %s is one that Burgeon reads, for every subject', async (family) => {
    for (const [, sentence] of everyPair.filter(([each]) => each === family)) {
      const outline = await outlineOf(sentence);
      expect(outline.family, sentence).toBe(family);
      const capabilities = outline.capabilities.map(({ kind, scope, asks }) => ({
        kind,
        scope: asks === 'hosts' ? { hosts: ['a.example'] } : scope,
      }));
      expect(capabilities.flatMap(checkCapability)).toEqual([]);
      const table = Object.fromEntries(outline.operations.map(({ id, ...row }) => [id, row]));
      const card = { id: outline.id, state: outline.state, capabilities, operations: table };
      writeFileSync(join(folder, 'plugin.json'), JSON.stringify({ name: 'a', extensions: { [manifestExtension]: card } }));
      writeFileSync(join(folder, 'index.ts'), '');
      const read = await module.read({ kind: 'folder', location: folder }, readContext);
      expect(read.operations.map(({ id }) => id)).toEqual(outline.operations.map(({ id }) => id));
    }
  });
});

describe('what is remembered', () => {
  it('is counted, and accepted once', async () => {
    const { serial } = await operations.propose({ sentence: 'track water' });
    expect(await operations.count()).toEqual({ serial: serial + 1 });
    expect(await operations.accept({ serial })).toEqual({ serial, family: 'tracker', id: 'skill/water-tracker', accepted: 1 });
    expect(await codeOf(operations.accept({ serial }))).toBe('unknown');
    expect(await codeOf(operations.accept({ serial: serial + 1 }))).toBe('unknown');
    const { tallies, accepted } = await operations.statistics();
    expect(tallies.find(({ family }) => family === 'tracker')).toEqual({ family: 'tracker', proposed: 1, accepted: 1 });
    expect(accepted).toEqual([{ serial, family: 'tracker', id: 'skill/water-tracker' }]);
  });

  it('decides between families that fit alike', async () => {
    const sentence = 'track notes';
    expect((await outlineOf(sentence)).family).toBe('tracker');
    const { serial } = await operations.propose({ sentence: 'a diary' });
    await operations.accept({ serial });
    expect((await operations.propose({ sentence })).outline?.family).toBe('journal');
  });

  it('is bounded', async () => {
    const first = (await operations.propose({ sentence: 'track water' })).serial;
    for (let more = 0; more < mostRemembered; more += 1) await operations.propose({ sentence: 'track water' });
    expect(await codeOf(operations.accept({ serial: first }))).toBe('unknown');
    expect((await snapshot()).open).toHaveLength(mostRemembered);
  });

  it('goes on from a snapshot, without a gap', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('count', 'propose', 'accept', 'reload'), { maxLength: 40 }), async (steps) => {
        await restore(emptyMemory());
        let last = 0;
        for (const step of steps) {
          if (step === 'reload') await restore(JSON.parse(JSON.stringify(await snapshot())));
          else if (step === 'accept') await operations.accept({ serial: last }).catch(() => {});
          else {
            const { serial } =
              step === 'count' ? await operations.count() : await operations.propose({ sentence: 'track water' });
            expect(serial).toBe(last + 1);
            last = serial;
          }
        }
        expect((await operations.statistics()).serial).toBe(last);
      }),
      { numRuns: 100 },
    );
  });

  it('comes from an older version, too', async () => {
    await restore(await migrate(41, 0));
    expect(await operations.count()).toEqual({ serial: 42 });
    expect(await codeOf(migrate({}, 7))).toBe('state');
    expect(await codeOf(migrate('x', 0))).toBe('state');
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['a text', 'x'],
    ['a list', []],
    ['no number', { ...emptyMemory(), serial: '1' }],
    ['a number below zero', { ...emptyMemory(), serial: -1 }],
    ['no tallies', { ...emptyMemory(), tallies: {} }],
    ['a tally that is none', { ...emptyMemory(), tallies: [{ family: 'tracker', proposed: 1.5, accepted: 0 }] }],
    ['an unknown family', { ...emptyMemory(), open: [{ serial: 1, family: 'rocket', id: 'skill/a' }] }],
    ['too much', { ...emptyMemory(), accepted: Array.from({ length: 1_000 }, () => ({})) }],
  ])('is not taken from %s', async (_name, state) => {
    expect(await codeOf(restore(state))).toBe('state');
  });

  it('of a family that came later is empty', () => {
    expect(memoryOf({ ...emptyMemory(), tallies: [] }).tallies).toHaveLength(families.length);
  });
});
