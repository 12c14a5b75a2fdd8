import { emptyMemory, type Memory, memoryOf, migrated, mostRemembered, type Proposal, type Tally } from './memory.ts';
import { type InterfaceSummary, needOfInterface, needOfSentence } from './need.ts';
import { type Answer, answerTo } from './outline.ts';
import type { Family } from './vocabulary.ts';
import type { Locale } from './words.ts';

/** What `propose` takes: a sentence, or what an interface can do. */
interface Wish {
  sentence?: string;
  locale?: Locale;
  interface?: InterfaceSummary;
}

let memory: Memory = emptyMemory();

const failure = (code: string, message: string): Error => Object.assign(new Error(message), { data: { code, message } });

const draw = (): number => (memory.serial += 1);

const tallyOf = (family: Family): Tally | undefined => memory.tallies.find((tally) => tally.family === family);

const remember = (proposals: Proposal[], proposal: Proposal): void => {
  proposals.push(proposal);
  if (proposals.length > mostRemembered) proposals.shift();
};

const answer = ({ sentence, locale, interface: from }: Wish): Answer => {
  const accepted = (family: Family): number => tallyOf(family)?.accepted ?? 0;
  if (sentence !== undefined && from === undefined) return answerTo(needOfSentence(sentence, locale), accepted);
  if (from !== undefined && sentence === undefined) return answerTo(needOfInterface(from, locale), accepted, from);
  throw failure('need', 'A need is either a sentence or an interface.');
};

const propose = (wish: Wish): Answer & { serial: number } => {
  const answered = answer(wish);
  const serial = draw();
  const { outline } = answered;
  if (outline) {
    const tally = tallyOf(outline.family);
    if (tally) tally.proposed += 1;
    remember(memory.open, { serial, family: outline.family, id: outline.id });
  }
  return { serial, ...answered };
};

const accept = ({ serial }: { serial: number }): Proposal & Pick<Tally, 'accepted'> => {
  const at = memory.open.findIndex((proposal) => proposal.serial === serial);
  const [proposal] = at < 0 ? [] : memory.open.splice(at, 1);
  if (!proposal) throw failure('unknown', `There is no open proposal ${serial}; the last ${mostRemembered} are remembered.`);
  const tally = tallyOf(proposal.family);
  if (tally) tally.accepted += 1;
  remember(memory.accepted, proposal);
  return { ...proposal, accepted: tally?.accepted ?? 0 };
};

/** What this module can do; the table in plugin.json describes the same. */
export const operations = {
  propose: async (wish: Wish): Promise<Answer & { serial: number }> => propose(wish),
  accept: async (input: { serial: number }): Promise<Proposal & Pick<Tally, 'accepted'>> => accept(input),
  count: async (): Promise<{ serial: number }> => ({ serial: draw() }),
  statistics: async (): Promise<Pick<Memory, 'serial' | 'tallies' | 'accepted'>> => ({
    serial: memory.serial,
    tallies: memory.tallies,
    accepted: memory.accepted,
  }),
};

/** What is kept when the module is loaded anew. */
export const snapshot = async (): Promise<Memory> => memory;

/** Goes on where a snapshot was taken. @throws an error with `data.code` "state" when it is no state of this module */
export const restore = async (state: unknown): Promise<void> => {
  memory = memoryOf(state);
};

/** Turns the state of an older version into one that `restore` takes. @throws an error with `data.code` "state" */
export const migrate = async (state: unknown, version: number): Promise<Memory> => migrated(state, version);
