import { mostItems } from './arrays.ts';
import { type Shape, type Shapes, kinds } from './shape.ts';
import { likelyKinds, nodeBudget, scalars } from './writing.ts';

/** Objects and arrays within each other that are followed; what needs more counts as endless. */
const mostLevels = 64;

/** Questions one look may ask: what is more entangled counts as small. */
const mostQuestions = 5_000;

/** Choices one after the other that are followed: a type that chooses itself would go on for ever. */
const mostTaken = 6;

/** True when even the smallest value of a shape has more nodes than one value may have. Asked once per shape; remembered. */
export const isTooLarge = (shapes: Shapes, shape: Shape): boolean =>
  leastNodes({ shapes, questions: mostQuestions }, shape, mostLevels) > nodeBudget.rich + nodeBudget.lean;

interface Look {
  shapes: Shapes;
  questions: number;
}

/** Nodes of the smallest value, or fewer where that is not easily told; Infinity where the levels do not suffice. */
const leastNodes = (look: Look, shape: Shape, levels: number): number => {
  const { memory } = shape;
  const known = memory.least?.get(levels);
  if (known !== undefined) return known;
  if (--look.questions < 0 || shape.impossible || memory.taken > mostTaken) return 1;
  const found = countNodes(look, shape, levels);
  (memory.least ??= new Map()).set(levels, found);
  return found;
};

const countNodes = (look: Look, shape: Shape, levels: number): number => {
  const { shapes } = look;
  const choice = shape.choices[0];
  if (choice) return Math.min(...choice.options.map((_, index) => leastNodes(look, shapes.variant(shape, index), levels)));
  const likely = likelyKinds(shape);
  if (shape.values || (likely & scalars) !== 0) return 1;
  if ((likely & kinds.array) !== 0 && shape.minItems <= 0) return 1;
  if (levels === 0) return Infinity;
  const ways: number[] = [];
  if ((likely & kinds.array) !== 0)
    ways.push(1 + Math.min(shape.minItems, mostItems) * leastNodes(look, shapes.item(shape, 0), levels - 1));
  if ((likely & kinds.object) !== 0) ways.push(1 + nodesOfMembers(look, shape, levels - 1));
  return Math.min(...ways);
};

/** What must be there and may travel in both directions. */
const nodesOfMembers = (look: Look, shape: Shape, levels: number): number => {
  let nodes = 0;
  for (const name of shape.required) {
    const member = look.shapes.member(shape, name);
    if (!member.readOnly && !member.writeOnly) nodes += leastNodes(look, member, levels);
  }
  return nodes;
};
