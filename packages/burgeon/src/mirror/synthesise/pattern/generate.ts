import type { Random } from '../random.ts';
import { characterCount, sample } from './characters.ts';
import { matches } from './match.ts';
import { type PatternNode, parsePattern } from './parse.ts';

/** Makes and judges strings for one pattern. */
export interface Pattern {
  /**
   * A string that matches and whose length (in characters) is within the bounds when that can be had; undefined when none was found.
   */
  generate(random: Random, bounds: { minLength: number; maxLength: number }): string | undefined;
  /** Whether the pattern matches; undefined when the answer would take too long. */
  test(text: string): boolean | undefined;
}

const limits = { length: 4_096, tries: 12, cache: 4_096 } as const;
const cache = new Map<string, Pattern | undefined>();

/** The pattern behind a text, remembered; undefined when the text is no pattern or exceeds the bounds. */
export const patternOf = (text: string): Pattern | undefined => {
  if (!cache.has(text)) {
    if (cache.size >= limits.cache) cache.clear();
    cache.set(text, open(text));
  }
  return cache.get(text);
};

const open = (text: string): Pattern | undefined => {
  const node = parsePattern(text);
  if (!node) return undefined;
  const plan = planOf(node);
  return {
    test: (value) => (value.length > limits.length ? undefined : matches(node, value)),
    generate: (random, bounds) => generate({ node, plan, random }, bounds),
  };
};

/** How few and how many characters a node can give; `max` may be infinite. */
interface Extent {
  min: number;
  max: number;
}

/** Extents of all nodes of a pattern, and what its positive lookaheads want to see. */
interface Plan {
  extents: Map<PatternNode, Extent>;
  wishes: PatternNode[];
}

const planOf = (root: PatternNode): Plan => {
  const plan: Plan = { extents: new Map(), wishes: [] };
  const visit = (node: PatternNode): Extent => {
    const extent = extentOf(node, visit);
    plan.extents.set(node, extent);
    if (node.kind === 'look' && node.ahead && !node.negated) plan.wishes.push(node.item);
    return extent;
  };
  visit(root);
  return plan;
};

const extentOf = (node: PatternNode, visit: (node: PatternNode) => Extent): Extent => {
  switch (node.kind) {
    case 'set':
      return { min: 1, max: 1 };
    case 'sequence':
      return node.items
        .map(visit)
        .reduce((sum, each) => ({ min: sum.min + each.min, max: sum.max + each.max }), { min: 0, max: 0 });
    case 'choice':
      return node.options
        .map(visit)
        .reduce((sum, each) => ({ min: Math.min(sum.min, each.min), max: Math.max(sum.max, each.max) }));
    case 'repeat': {
      const item = visit(node.item);
      return { min: item.min * node.min, max: item.max === 0 ? 0 : item.max * node.max };
    }
    case 'group':
      return visit(node.item);
    case 'look':
      visit(node.item);
      return { min: 0, max: 0 };
    default:
      return { min: 0, max: 0 };
  }
};

interface Making {
  node: PatternNode;
  plan: Plan;
  random: Random;
}

const generate = (making: Making, { minLength, maxLength }: { minLength: number; maxLength: number }): string | undefined => {
  const extent = making.plan.extents.get(making.node) as Extent;
  const low = Math.max(extent.min, Math.min(minLength, extent.max));
  if (low > limits.length) return undefined;
  const high = Math.max(low, Math.min(extent.max, maxLength, low + 12));
  let outside: string | undefined;
  for (let attempt = 0; attempt < limits.tries; attempt++) {
    const wanted = attempt % 3 === 2 ? low : low + making.random.below(high - low + 1);
    for (const candidate of candidates(making, wanted, minLength)) {
      if (matches(making.node, candidate) === false) continue;
      const length = characterCount(candidate);
      if (length >= minLength && length <= maxLength) return candidate;
      outside ??= candidate;
    }
  }
  return outside;
};

function* candidates(making: Making, wanted: number, minLength: number): Generator<string> {
  const groups = new Map<number, string>();
  const body = write(making, making.node, { wanted, groups });
  if (making.plan.wishes.length > 0) yield embed(making, body);
  yield body;
  const missing = minLength - characterCount(body);
  if (missing <= 0 || missing > limits.length) return;
  yield body + 'a'.repeat(missing);
  yield 'a'.repeat(missing) + body;
  yield body + '0'.repeat(missing);
  yield body + ' '.repeat(missing);
}

/** Overwrites the end of a text with something for each positive lookahead: `(?=.*\d)` wants to see a digit somewhere. */
const embed = (making: Making, body: string): string => {
  const wishes = making.plan.wishes.map((wish) => {
    const wanted = making.plan.extents.get(wish)?.min ?? 0;
    return write(making, wish, { wanted, groups: new Map() });
  });
  const wanted = wishes.join('');
  const characters = Array.from(body);
  const room = Math.max(0, characters.length - characterCount(wanted));
  return characters.slice(0, room).join('') + wanted;
};

interface Wish {
  /** Wanted length, in characters. */
  wanted: number;
  groups: Map<number, string>;
}

const write = (making: Making, node: PatternNode, wish: Wish): string => {
  switch (node.kind) {
    case 'set': {
      const characters = sample(node.set);
      return characters.length === 0 ? '' : String.fromCodePoint(making.random.pick(characters));
    }
    case 'sequence':
      return writeSequence(making, node.items, wish);
    case 'choice':
      return write(making, chooseOption(making, node.options, wish.wanted), wish);
    case 'repeat':
      return writeRepeat(making, node, wish);
    case 'group': {
      const text = write(making, node.item, wish);
      wish.groups.set(node.index, text);
      return text;
    }
    case 'back':
      return wish.groups.get(node.index) ?? '';
    default:
      return '';
  }
};

const chooseOption = (making: Making, options: PatternNode[], wanted: number): PatternNode => {
  const fitting = options.filter((option) => {
    const extent = making.plan.extents.get(option) as Extent;
    return extent.min <= wanted && wanted <= extent.max;
  });
  return making.random.pick(fitting.length > 0 ? fitting : options);
};

/** Shares the wanted length out among the items: each gets its least, then what is left goes round at random. */
const writeSequence = (making: Making, items: PatternNode[], { wanted, groups }: Wish): string => {
  const extents = items.map((item) => making.plan.extents.get(item) as Extent);
  let spare = wanted - extents.reduce((sum, each) => sum + each.min, 0);
  let elastic = extents.filter((each) => each.max > each.min).length;
  return items
    .map((item, index) => {
      const { min, max } = extents[index] as Extent;
      if (max === min || spare <= 0) return write(making, item, { wanted: min, groups });
      const room = extents.slice(index + 1, index + 65).reduce((sum, each) => sum + each.max - each.min, 0);
      elastic--;
      const least = Math.max(0, spare - room);
      const most = Math.min(max - min, spare);
      const share = elastic === 0 ? most : Math.min(most, least + making.random.below(most - least + 1));
      spare -= share;
      return write(making, item, { wanted: min + share, groups });
    })
    .join('');
};

const writeRepeat = (making: Making, node: PatternNode & { kind: 'repeat' }, { wanted, groups }: Wish): string => {
  const item = making.plan.extents.get(node.item) as Extent;
  const fewest = Math.max(
    node.min,
    item.max > 0 && Number.isFinite(item.max) ? Math.ceil(wanted / item.max) : wanted > 0 ? 1 : 0,
  );
  const most = Math.min(node.max, item.min > 0 ? Math.floor(wanted / item.min) : Math.max(node.min, wanted), limits.length);
  const count = Math.min(
    limits.length,
    fewest >= most ? Math.min(Math.max(most, node.min), node.max) : fewest + making.random.below(most - fewest + 1),
  );
  let spare = wanted - count * item.min;
  let text = '';
  for (let turn = 0; turn < count && text.length <= limits.length; turn++) {
    const turns = count - turn;
    const capacity = (turns - 1) * (item.max - item.min);
    const least = Math.max(0, spare - (Number.isNaN(capacity) ? 0 : capacity));
    const largest = Math.max(0, Math.min(item.max - item.min, spare));
    const share = turns === 1 ? largest : Math.min(largest, least + making.random.below(largest - least + 1));
    spare -= share;
    text += write(making, node.item, { wanted: item.min + share, groups });
  }
  return text;
};
