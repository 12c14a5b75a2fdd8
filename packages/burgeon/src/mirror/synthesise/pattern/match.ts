import { holds } from './characters.ts';
import type { PatternNode } from './parse.ts';

/** One attempt to match. `steps` counts down: a pattern that needs more is not answered. */
interface Attempt {
  text: readonly number[];
  steps: number;
  depth: number;
  groups: Map<number, [from: number, to: number]>;
}

type Continue = (at: number) => boolean;

const limits = { steps: 20_000, depth: 1_500 } as const;
const exhausted = Symbol('exhausted');

/**
 * Whether the pattern matches somewhere in the text. Bounded in steps whatever the pattern is; undefined when the bound was reached first.
 */
export const matches = (pattern: PatternNode, text: string): boolean | undefined => {
  const attempt: Attempt = {
    text: Array.from(text, (each) => each.codePointAt(0) as number),
    steps: limits.steps,
    depth: 0,
    groups: new Map(),
  };
  try {
    for (let from = 0; from <= attempt.text.length; from++) {
      attempt.groups.clear();
      if (step(attempt, pattern, from, () => true)) return true;
    }
    return false;
  } catch (problem) {
    if (problem === exhausted) return undefined;
    throw problem;
  }
};

const isWord = (codePoint: number | undefined): boolean => codePoint !== undefined && /\w/.test(String.fromCodePoint(codePoint));

const isBoundary = (text: readonly number[], at: number): boolean => isWord(text[at - 1]) !== isWord(text[at]);

const step = (attempt: Attempt, node: PatternNode, at: number, next: Continue): boolean => {
  if (--attempt.steps < 0 || attempt.depth > limits.depth) throw exhausted;
  attempt.depth++;
  const result = stepInto(attempt, node, at, next);
  attempt.depth--;
  return result;
};

const stepInto = (attempt: Attempt, node: PatternNode, at: number, next: Continue): boolean => {
  const { text } = attempt;
  switch (node.kind) {
    case 'set':
      return at < text.length && holds(node.set, text[at] as number) && next(at + 1);
    case 'sequence':
      return stepSequence(attempt, node.items, { at, index: 0 }, next);
    case 'choice':
      return node.options.some((option) => step(attempt, option, at, next));
    case 'repeat':
      return stepRepeat(attempt, node, { at, index: 0 }, next);
    case 'start':
      return at === 0 && next(at);
    case 'end':
      return at === text.length && next(at);
    case 'boundary':
      return isBoundary(text, at) && next(at);
    case 'inside':
      return !isBoundary(text, at) && next(at);
    case 'group':
      return stepGroup(attempt, node, at, next);
    case 'back':
      return stepBack(attempt, node.index, at, next);
    case 'look':
      return stepLook(attempt, node, at) !== node.negated && next(at);
  }
};

const stepSequence = (
  attempt: Attempt,
  items: PatternNode[],
  { at, index }: { at: number; index: number },
  next: Continue,
): boolean => {
  const item = items[index];
  if (!item) return next(at);
  return step(attempt, item, at, (after) => stepSequence(attempt, items, { at: after, index: index + 1 }, next));
};

const stepRepeat = (
  attempt: Attempt,
  node: PatternNode & { kind: 'repeat' },
  { at, index }: { at: number; index: number },
  next: Continue,
): boolean => {
  const again = (): boolean =>
    step(attempt, node.item, at, (after) => {
      // A turn that took nothing stands for all turns that are left: more of them would go on for ever.
      if (after === at) return next(after);
      return stepRepeat(attempt, node, { at: after, index: index + 1 }, next);
    });
  return (index < node.max && again()) || (index >= node.min && next(at));
};

const stepGroup = (attempt: Attempt, node: PatternNode & { kind: 'group' }, at: number, next: Continue): boolean => {
  const before = attempt.groups.get(node.index);
  const matched = step(attempt, node.item, at, (after) => {
    attempt.groups.set(node.index, [at, after]);
    return next(after);
  });
  if (matched) return true;
  if (before) attempt.groups.set(node.index, before);
  else attempt.groups.delete(node.index);
  return false;
};

const stepBack = (attempt: Attempt, index: number, at: number, next: Continue): boolean => {
  const [from, to] = attempt.groups.get(index) ?? [0, 0];
  for (let offset = 0; offset < to - from; offset++) {
    if (attempt.text[from + offset] !== attempt.text[at + offset]) return false;
  }
  return next(at + to - from);
};

const stepLook = (attempt: Attempt, node: PatternNode & { kind: 'look' }, at: number): boolean => {
  if (node.ahead) return step(attempt, node.item, at, () => true);
  for (let from = at; from >= 0; from--) if (step(attempt, node.item, from, (after) => after === at)) return true;
  return false;
};
