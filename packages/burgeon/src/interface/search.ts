/** Finding the operation that is meant: ranked search by words over names, summaries, tags and inputs. */
import type { Effect, Interface, Operation } from '@burgeon/kit';
import { isStopWord, wordGroup, wordsIn } from './search-words.ts';

/** One hit; scores compare within one search only. */
export interface SearchHit {
  operation: Operation;
  score: number;
}

/** How much a word counts by where it stands. */
const weights = { id: 3, tag: 1.5, summary: 2, description: 0.5, input: 0.7, effect: 1, group: 0.45 } as const;

/** The usual constants of BM25. @see Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), section 3.4 */
const bm25 = { saturation: 1.2, length: 0.6 } as const;

const effectGroup: Record<Effect, string> = { read: '~get', write: '~update', delete: '~delete' };

interface SearchIndex {
  operations: readonly Operation[];
  /** Word -> positions of operations and the weight of the word there. */
  postings: Map<string, { position: number; weight: number }[]>;
  /** Words of each operation's name. */
  names: string[][];
  /** Sum of weights of each operation. */
  lengths: number[];
  averageLength: number;
  /** All words, in order, for beginnings of words. */
  vocabulary: string[];
}

const indexes = new WeakMap<Interface, SearchIndex>();

const weightsOf = (operation: Operation): Map<string, number> => {
  const found = new Map<string, number>();
  const add = (word: string, weight: number): unknown => found.set(word, Math.max(found.get(word) ?? 0, 0) + weight);
  const addText = (text: string | undefined, weight: number, limit?: number): void => {
    for (const word of wordsIn(text ?? '', limit)) {
      if (isStopWord(word)) continue;
      add(word, weight);
      const group = wordGroup(word);
      if (group !== undefined) add(group, weight * weights.group);
    }
  };
  addText(operation.id, weights.id);
  addText(operation.summary, weights.summary);
  for (const tag of (operation.tags ?? []).slice(0, 8)) addText(tag, weights.tag);
  addText(operation.description, weights.description, 60);
  for (const name of Object.keys(operation.input.properties).slice(0, 24)) addText(name, weights.input);
  add(effectGroup[operation.effect], weights.effect);
  return found;
};

const buildIndex = (description: Interface): SearchIndex => {
  const postings: SearchIndex['postings'] = new Map();
  const lengths = description.operations.map((operation, position) => {
    let length = 0;
    for (const [word, weight] of weightsOf(operation)) {
      const list = postings.get(word);
      if (list) list.push({ position, weight });
      else postings.set(word, [{ position, weight }]);
      length += weight;
    }
    return length;
  });
  const averageLength = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
  const vocabulary = [...postings.keys()].filter((word) => !word.startsWith('~')).toSorted();
  const names = description.operations.map(({ id }) => [...new Set(wordsIn(id).filter((word) => !isStopWord(word)))]);
  return { operations: description.operations, postings, names, lengths, averageLength, vocabulary };
};

const indexOf = (description: Interface): SearchIndex => {
  const known = indexes.get(description);
  if (known) return known;
  const made = buildIndex(description);
  indexes.set(description, made);
  return made;
};

/** One thing a question asks for: words that would each answer it, and how much each counts. */
type Concept = Map<string, number>;

/** Words of one group ask for one thing: "make a new pet" asks for making and for pets. */
const questionOf = (query: string, index: SearchIndex): Concept[] => {
  const words = [...new Set(wordsIn(query, 64))];
  const telling = words.filter((word) => !isStopWord(word));
  const concepts = new Map<string, Concept>();
  for (const word of telling.length > 0 ? telling : words) {
    const group = wordGroup(word);
    const concept = concepts.get(group ?? word) ?? new Map<string, number>();
    concepts.set(group ?? word, concept);
    if (index.postings.has(word)) concept.set(word, 1);
    else for (const longer of beginningWith(word, index.vocabulary)) concept.set(longer, 0.5);
    if (group !== undefined) concept.set(group, 0.8);
  }
  return [...concepts.values()];
};

/** Words of the index that begin like a word of the question; at most 12, none for short words. */
const beginningWith = (word: string, vocabulary: readonly string[]): string[] => {
  if (word.length < 3) return [];
  let [low, high] = [0, vocabulary.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((vocabulary[middle] as string) < word) low = middle + 1;
    else high = middle;
  }
  return vocabulary.slice(low, low + 12).filter((each) => each.startsWith(word));
};

/** How much a word tells of each operation. A word of a group is as common as the group: "new" is no better a hint than "create". */
const scoresOf = (word: string, group: string, index: SearchIndex): [position: number, score: number][] => {
  const postings = index.postings.get(word) ?? [];
  const common = Math.max(postings.length, index.postings.get(group)?.length ?? 0);
  const rarity = Math.log(1 + (index.operations.length - common + 0.5) / (common + 0.5));
  return postings.map(({ position, weight }) => {
    const relative = (index.lengths[position] ?? 0) / (index.averageLength || 1);
    const saturated = (weight * (bm25.saturation + 1)) / (weight + bm25.saturation * (1 - bm25.length + bm25.length * relative));
    return [position, rarity * saturated];
  });
};

/** The share of a name that a question asks for, 0 to 1: of two operations with the same words, the one named for them is meant. */
const nameShare = (name: readonly string[], question: readonly Concept[]): number => {
  const asked = name.filter((word) => question.some((concept) => concept.has(word) || concept.has(wordGroup(word) ?? word)));
  return name.length === 0 ? 0 : asked.length / name.length;
};

/**
 * The operations that fit a question best, best first, at most `limit`; empty when no word fits. The same interface and question give the
 * same order. The index is made at the first search and lives as long as the interface.
 */
export const searchOperations = (description: Interface, query: string, limit = 10): SearchHit[] => {
  const index = indexOf(description);
  const question = questionOf(query, index);
  const scores = new Map<number, { sum: number; met: number }>();
  for (const concept of question) {
    const best = new Map<number, number>();
    for (const [word, importance] of concept) {
      for (const [position, score] of scoresOf(word, wordGroup(word) ?? word, index))
        best.set(position, Math.max(best.get(position) ?? 0, importance * score));
    }
    for (const [position, score] of best) {
      const { sum = 0, met = 0 } = scores.get(position) ?? {};
      scores.set(position, { sum: sum + score, met: met + 1 });
    }
  }
  const hits = [...scores].map(([position, { sum, met }]) => ({
    position,
    score: sum * (0.4 + (0.6 * met) / question.length) * (1 + nameShare(index.names[position] ?? [], question)),
  }));
  hits.sort((a, b) => b.score - a.score || a.position - b.position);
  return hits
    .slice(0, Math.max(0, limit))
    .map(({ position, score }) => ({ operation: index.operations[position] as Operation, score }));
};
