import { pointerPath } from '../json.ts';

/** A place in a text, counted from 1. */
export interface Position {
  line: number;
  column: number;
}

/** Position of an offset. Linear in the offset: for many offsets use {@link positionsAt}. */
export const positionAt = (text: string, offset: number): Position => {
  let line = 1;
  let start = 0;
  for (let next = text.indexOf('\n'); next !== -1 && next < offset; next = text.indexOf('\n', start)) {
    line++;
    start = next + 1;
  }
  return { line, column: offset - start + 1 };
};

/** Positions of many offsets in one pass over the text. */
export const positionsAt = (text: string, offsets: ReadonlyMap<string, number>): Map<string, Position> => {
  const found = new Map<string, Position>();
  let line = 1;
  let start = 0;
  for (const [name, offset] of [...offsets].toSorted(([, a], [, b]) => a - b)) {
    for (let next = text.indexOf('\n', start); next !== -1 && next < offset; next = text.indexOf('\n', start)) {
      line++;
      start = next + 1;
    }
    found.set(name, { line, column: offset - start + 1 });
  }
  return found;
};

/** Pointers as a tree, so that one walk of a document finds them all. */
export interface Wanted {
  pointers: string[];
  children: Map<string, Wanted>;
}

/** Builds the tree of wanted pointers. */
export const wantedOf = (pointers: Iterable<string>): Wanted => {
  const root: Wanted = { pointers: [], children: new Map() };
  for (const pointer of pointers) {
    let at = root;
    for (const token of pointerPath(pointer)) {
      let next = at.children.get(token);
      if (next === undefined) at.children.set(token, (next = { pointers: [], children: new Map() }));
      at = next;
    }
    at.pointers.push(pointer);
  }
  return root;
};
