import type { JsonValue } from '@burgeon/kit';
import { canonicalJson } from '../../base/json.ts';
import type { Shape } from './shape.ts';
import { type Writing, deepest, reaches } from './writing.ts';

/** Items written at most, however many are asked for. */
export const mostItems = 2_000;

/** An array of a shape: as few items as tell something, as many as are asked for. */
export const writeArray = (writing: Writing, shape: Shape, name: string): JsonValue[] => {
  const items: JsonValue[] = [];
  const seen = shape.uniqueItems ? new Set<string>() : undefined;
  const add = (index: number, containing: number): boolean => {
    writing.path.push(index);
    const item = writeItem(writing, { item: writing.shapes.item(shape, index, containing), name, seen });
    writing.path.pop();
    if (item !== undefined) items.push(item);
    return item !== undefined;
  };
  shape.contains.forEach(({ min }, containing) => {
    for (let count = 0; count < Math.min(min, mostItems); count++) add(items.length, containing);
  });
  const count = itemCount(writing, shape);
  while (items.length < count && add(items.length, -1));
  return items;
};

const itemCount = (writing: Writing, shape: Shape): number => {
  const { shapes, random, lean, depth } = writing;
  const prefix = Math.max(0, ...shape.sequences.map((sequence) => sequence.prefix.length));
  const closed = shape.unevaluatedItems.includes(false) && shape.sequences.every(({ rest }) => rest === undefined);
  const most = Math.min(shape.maxItems, mostItems, closed ? prefix : Infinity);
  const least = Math.min(shape.minItems, most);
  const usual = Math.max(prefix, depth <= 3 ? 1 + random.below(2) : 1);
  if (lean || least >= usual) return least;
  const first = shapes.item(shape, 0);
  if (first.impossible || !reaches(shapes, first, deepest) || writing.open.includes(first)) return least;
  return Math.min(most, usual);
};

interface ItemOrder {
  item: Shape;
  name: string;
  seen: Set<string> | undefined;
}

/** One more item; undefined when items must differ and no new one was found. */
const writeItem = (writing: Writing, { item, name, seen }: ItemOrder): JsonValue | undefined => {
  // `tags` holds a tag: the plural's own words suit one item.
  const singular = name.endsWith('ies') ? `${name.slice(0, -3)}y` : name.endsWith('s') ? name.slice(0, -1) : name;
  if (!seen) return writing.write(writing, item, singular);
  for (let attempt = 0; attempt < 12; attempt++) {
    const value =
      attempt < 8 || !item.values ? writing.write(writing, item, attempt < 3 ? singular : '') : unusedOf(item.values, seen);
    if (value === undefined) return undefined;
    const key = canonicalJson(value);
    if (seen.has(key)) continue;
    seen.add(key);
    return value;
  }
  return undefined;
};

const unusedOf = (values: readonly JsonValue[], seen: Set<string>): JsonValue | undefined =>
  values.find((value) => !seen.has(canonicalJson(value)));
