import type { WasmBounds, WasmPlace, WasmShape } from '../../../base/wasm-shape.ts';

/** Bytes of one page. */
export const pageBytes: number = 64 * 1024;

/** Entries of all tables together; V8 takes 24 bytes for each. The largest real modules have some ten thousand. */
const tableEntries = 131_072;

/** A module that cannot grow beyond its bounds, or the bound that it begins beyond. */
export type Bounded = { bytes: Buffer; exceeds?: never } | { bytes?: never; exceeds: 'memory' | 'tables' };

/**
 * Gives the memory and the tables of a module the maximum that holds here: one that has none gets it, a higher one is lowered. Nothing else
 * of the binary changes, and it is the engine that keeps the maximum, exactly.
 */
export const bound = (bytes: Buffer, shape: WasmShape, memoryBytes: number): Bounded => {
  const { places, memories, tables } = shape;
  const pages = Math.floor(memoryBytes / pageBytes);
  if (memories.some(({ minimum }) => minimum > pages)) return { exceeds: 'memory' };
  const entries = tables.reduce((sum, { minimum }) => sum + minimum, 0);
  if (entries > tableEntries) return { exceeds: 'tables' };
  const spare = Math.floor((tableEntries - entries) / Math.max(1, tables.length));
  const edits = [
    ...edit(
      places.memories,
      5,
      memories.map((each) => boundsOf(each, pages)),
    ),
    ...edit(
      places.tables,
      4,
      tables.map((each) => [each.type, ...boundsOf(each, each.minimum + spare)]),
    ),
  ].toSorted((a, b) => a.place.start - b.place.start);
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const { place, section } of edits) {
    pieces.push(bytes.subarray(from, place.start), section);
    from = place.end;
  }
  return { bytes: Buffer.concat([...pieces, bytes.subarray(from)]) };
};

const boundsOf = ({ minimum, maximum = Number.POSITIVE_INFINITY }: WasmBounds, most: number): number[] => [
  1,
  ...numberOf(minimum),
  ...numberOf(Math.min(maximum, most)),
];

const edit = (place: WasmPlace | undefined, id: number, items: number[][]): { place: WasmPlace; section: Uint8Array }[] => {
  if (place === undefined) return [];
  const content = [...numberOf(items.length), ...items.flat()];
  return [{ place, section: Uint8Array.from([id, ...numberOf(content.length), ...content]) }];
};

/** Unsigned LEB128. */
const numberOf = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
};
