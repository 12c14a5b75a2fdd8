/** Unsigned LEB128. */
const number = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
};

/** Signed LEB128 of a small number. */
const signed = (value: number): number[] => {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    const ends = (rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0);
    bytes.push(ends ? byte : byte | 0x80);
    if (ends) return bytes;
  }
};

const list = (items: readonly (readonly number[])[]): number[] => [...number(items.length), ...items.flat()];
const text = (value: string): number[] => [...number(Buffer.byteLength(value)), ...Buffer.from(value)];

/** A section of a binary: its number, then its content. */
export const section = (id: number, content: readonly number[]): number[] => [id, ...number(content.length), ...content];

/** The instructions that are used, as bytes. */
export const code = {
  unreachable: [0x00],
  /** Goes round for ever, doing this each time. */
  forever: (...body: readonly number[][]): number[] => [0x03, 0x40, ...body.flat(), 0x0c, 0x00, 0x0b, 0x00],
  get: (local: number): number[] => [0x20, ...number(local)],
  call: (index: number): number[] => [0x10, ...number(index)],
  int: (value: number): number[] => [0x41, ...signed(value)],
  long: (high: number, low: number): number[] => [...code.int(high), 0xad, 0x42, 0x20, 0x86, ...code.int(low), 0xad, 0x84],
  drop: [0x1a],
  /** Grows the memory by pages and leaves what it was before. */
  grow: (pages: number): number[] => [...code.int(pages), 0x40, 0x00],
  /** Grows a table and leaves what it was before. */
  growTable: (table: number, entries: number): number[] => [0xd0, 0x70, ...code.int(entries), 0xfc, 0x0f, ...number(table)],
  /** Writes the byte 1 to a stretch of memory. */
  fill: (start: number, bytes: number): number[] => [...code.int(start), ...code.int(1), ...code.int(bytes), 0xfc, 0x0b, 0x00],
  /** The body it was called with, as its answer. */
  echo: [
    0x20, 3, 0x41, 1, 0x6b, 0x41, 43, 0x3a, 0, 0, 0x20, 3, 0x41, 1, 0x6b, 0xad, 0x42, 32, 0x86, 0x20, 4, 0x41, 1, 0x6a, 0xad,
    0x84,
  ],
} as const;

/** The signatures by number: of `alloc`, `invoke`, `init`, of power, and of `log`. */
const types = ['7f>7f', '7f7f7f7f7f>7e', '>', '7f7f>7e', '7f7f>'].map((type) => {
  const [takes = [], gives = []] = type
    .split('>')
    .map((side) => (side.match(/../g) ?? []).map((byte) => [Number.parseInt(byte, 16)]));
  return [0x60, ...list(takes), ...list(gives)];
});

/** Gives out room one behind the other, and never takes any back. */
const honestAlloc = [0x23, 0, 0x41, 8, 0x6a, 0x23, 0, 0x20, 0, 0x6a, 0x41, 16, 0x6a, 0x24, 0];

/** Makes room for what it is called with, and goes round for ever when it is to make room for an answer of the host. */
export const allocThatLoops: readonly number[] = [
  0x23,
  0,
  ...code.int(1100),
  0x4a,
  0x04,
  0x40,
  ...code.forever(),
  0x0b,
  ...honestAlloc,
];

/** What differs from an honest binary that answers with what it was asked. */
export interface Binary {
  /** Functions that it imports, by number of their type: 3 for power, 4 for `burgeon` `log`. */
  imports?: readonly (readonly [module: string, name: string, type: number])[];
  /** Pages of its memory: at first, and at most. */
  pages?: readonly [minimum: number, maximum?: number];
  /** Entries of its tables at first. */
  tables?: readonly number[];
  /** Instead of the echo; the parameters are order, name, its length, body, its length. Imports come first in numbering, then `alloc`, then this. */
  invoke?: readonly number[];
  alloc?: readonly number[];
  /** Runs when it is instantiated. */
  start?: readonly number[];
  /** Runs as `init`. */
  init?: readonly number[];
  /** Text at 256. */
  data?: string;
  /** Locals of `invoke`, in this number. */
  locals?: number;
  /** More functions, after all others. */
  functions?: readonly (readonly number[])[];
  /** More exports: of the memory, under these names. */
  names?: readonly string[];
  /** Bounds of the memory as bytes, instead of `pages`. */
  memory?: readonly number[];
  /** Sections put in front, and behind. */
  before?: readonly number[];
  after?: readonly number[];
}

const bodyOf = (instructions: readonly number[], locals = 0): number[] => {
  const declared = locals === 0 ? [0] : [1, ...number(locals), 0x7e];
  const body = [...declared, ...instructions, 0x0b];
  return [...number(body.length), ...body];
};

const exported = (name: string, kind: number, index: number): number[] => [...text(name), kind, ...number(index)];

/** A WebAssembly binary of our own interface, as base64. */
export const binary = (given: Binary = {}): string => {
  const { imports = [], pages = [2], tables = [], invoke = code.echo, alloc = honestAlloc, functions = [], names = [] } = given;
  const more = [given.start, given.init].flatMap((each) => (each ? [each] : []));
  const first = imports.length;
  const bodies = [
    bodyOf(alloc),
    bodyOf(invoke, given.locals),
    ...more.map((each) => bodyOf(each)),
    ...functions.map((each) => bodyOf(each)),
  ];
  const [minimum, maximum] = pages;
  const initAt = first + 2 + (given.start ? 1 : 0);
  const exports = [
    exported('memory', 2, 0),
    exported('alloc', 0, first),
    exported('invoke', 0, first + 1),
    ...(given.init ? [exported('init', 0, initAt)] : []),
    ...names.map((name) => exported(name, 2, 0)),
  ];
  const bytes = [
    0x00,
    0x61,
    0x73,
    0x6d,
    0x01,
    0x00,
    0x00,
    0x00,
    ...(given.before ?? []),
    ...section(1, list(types)),
    ...(first > 0 ? section(2, list(imports.map(([module, name, type]) => [...text(module), ...text(name), 0, type]))) : []),
    ...section(3, list([[0], [1], ...more.map(() => [2]), ...functions.map(() => [2])])),
    ...(tables.length > 0 ? section(4, list(tables.map((entries) => [0x70, 0, ...number(entries)]))) : []),
    ...section(
      5,
      list([given.memory ?? (maximum === undefined ? [0, ...number(minimum)] : [1, ...number(minimum), ...number(maximum)])]),
    ),
    ...section(6, list([[0x7f, 1, ...code.int(1024), 0x0b]])),
    ...section(7, list(exports)),
    ...(given.start ? section(8, number(first + 2)) : []),
    ...section(10, list(bodies)),
    ...(given.data === undefined ? [] : section(11, list([[0, ...code.int(256), 0x0b, ...text(given.data)]]))),
    ...(given.after ?? []),
  ];
  return Buffer.from(bytes).toString('base64');
};
