/** Kinds of things that cross the border of a WebAssembly module. */
export type WasmKind = 'function' | 'table' | 'memory' | 'global' | 'tag';

/** Something a module asks for. */
export interface WasmImport {
  module: string;
  name: string;
  kind: WasmKind;
  /** Of a function: `i32,i32->i64`. */
  signature?: string;
}

/** Something a module gives. */
export interface WasmExport {
  name: string;
  kind: WasmKind;
  signature?: string;
}

/** Bounds of a memory, in pages of 64 KiB, or of a table, in entries. */
export interface WasmBounds {
  minimum: number;
  maximum?: number;
}

/** Where a section stands, its head included. */
export interface WasmPlace {
  start: number;
  end: number;
}

/** The outside of a WebAssembly module. */
export interface WasmShape {
  imports: WasmImport[];
  exports: WasmExport[];
  memories: WasmBounds[];
  /** `type`: the byte of what its entries are. */
  tables: (WasmBounds & { type: number })[];
  places: { memories?: WasmPlace; tables?: WasmPlace };
}

/** What was read of a binary, or why it is not looked at further. */
export type WasmRead = { shape: WasmShape; fault?: never } | { shape?: never; fault: string };

/** Imports and exports that are read; nothing real has more. */
const mostNames = 20_000;

/** Bytes of one name. */
const nameBytes = 10_000;

/** Values that a function takes or gives. V8 allows as many. */
const mostValues = 1_000;

const kinds: readonly WasmKind[] = ['function', 'table', 'memory', 'global', 'tag'];

const valueTypes: Readonly<Record<number, string>> = {
  0x7f: 'i32',
  0x7e: 'i64',
  0x7d: 'f32',
  0x7c: 'f64',
  0x7b: 'v128',
  0x70: 'funcref',
  0x6f: 'externref',
};

const sections = { types: 1, imports: 2, functions: 3, tables: 4, memories: 5, exports: 7 } as const;
const lastSection = 13;

/** Thrown inside this file only. */
class Unreadable extends TypeError {}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const refuse = (why: string): never => {
  throw new Unreadable(why);
};

/** Reads numbers and names of one stretch of bytes, and never beyond it. */
class Reader {
  private readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, { start, end }: WasmPlace) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  byte(): number {
    if (this.at >= this.end) refuse('it is cut off');
    return this.bytes[this.at++] ?? 0;
  }

  /** Unsigned, 32 bits, LEB128. */
  number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value < 2 ** 32 ? value : refuse('it holds a number beyond 32 bits');
    }
    return refuse('it holds a number beyond 32 bits');
  }

  skip(count: number): void {
    if (count > this.end - this.at) refuse('it is cut off');
    this.at += count;
  }

  name(): string {
    const length = this.number();
    const start = this.at;
    if (length > nameBytes) refuse('it holds a name that is too long');
    this.skip(length);
    try {
      return decoder.decode(this.bytes.subarray(start, this.at));
    } catch {
      return refuse('it holds a name that is no UTF-8');
    }
  }

  /** How many follow. Each takes a byte at least, so there cannot be more than bytes. */
  count(most = Number.POSITIVE_INFINITY): number {
    const count = this.number();
    if (count > this.end - this.at) refuse('it is cut off');
    return count > most ? refuse(`it holds more than ${most} of a kind`) : count;
  }

  valueType(): string {
    return valueTypes[this.byte()] ?? refuse('it uses a type that is not offered here (garbage-collected or shared values)');
  }

  bounds(): WasmBounds {
    const flags = this.byte();
    if (flags > 1) refuse('it has a memory or table that is shared or has 64-bit addresses, which are not offered here');
    const minimum = this.number();
    return flags === 0 ? { minimum } : { minimum, maximum: this.number() };
  }
}

/** Signatures by number, and the number of the type of each function, imported ones first. */
interface Functions {
  types: string[];
  typeOf: number[];
}

const signatureOf = ({ types, typeOf }: Functions, index: number): string =>
  types[typeOf[index] ?? -1] ?? refuse('it refers to a function or type that is not there');

const readTypes = (reader: Reader): string[] =>
  listOf(reader, () => {
    if (reader.byte() !== 0x60) refuse('it has types for garbage collection, which are not offered here');
    const [takes, gives] = [1, 2].map(() => listOf(reader, () => reader.valueType(), mostValues).join());
    return `${takes}->${gives}`;
  });

/** A counted list. */
const listOf = <T>(reader: Reader, read: () => T, most?: number): T[] => {
  const items: T[] = [];
  for (let left = reader.count(most); left > 0; left -= 1) items.push(read());
  return items;
};

const kindAt = (reader: Reader): WasmKind => kinds[reader.byte()] ?? refuse('it imports or exports something unknown');

const readTable = (reader: Reader): WasmBounds & { type: number } => {
  const type = reader.byte();
  if (type !== 0x70 && type !== 0x6f) refuse('it has a table of a kind that is not offered here');
  return { ...reader.bounds(), type };
};

const readImports = (reader: Reader, functions: Functions): WasmImport[] =>
  listOf(
    reader,
    () => {
      const [module, name, kind] = [reader.name(), reader.name(), kindAt(reader)];
      if (kind === 'function') {
        functions.typeOf.push(reader.number());
        return { module, name, kind, signature: signatureOf(functions, functions.typeOf.length - 1) };
      }
      if (kind === 'table') readTable(reader);
      else if (kind === 'memory') reader.bounds();
      else if (kind === 'global') void [reader.valueType(), reader.byte()];
      else void [reader.byte(), reader.number()];
      return { module, name, kind };
    },
    mostNames,
  );

const readExports = (reader: Reader, functions: Functions): WasmExport[] =>
  listOf(
    reader,
    () => {
      const [name, kind, index] = [reader.name(), kindAt(reader), reader.number()];
      return { name, kind, ...(kind === 'function' ? { signature: signatureOf(functions, index) } : {}) };
    },
    mostNames,
  );

/** Sections by number, what is for tools left out. */
const sectionsIn = (bytes: Uint8Array): Map<number, { whole: WasmPlace; reader: Reader }> => {
  const reader = new Reader(bytes, { start: 0, end: bytes.length });
  const head = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  if (head.some((byte) => reader.byte() !== byte)) refuse('it is no WebAssembly module of version 1');
  const found = new Map<number, { whole: WasmPlace; reader: Reader }>();
  while (reader.at < reader.end) {
    const start = reader.at;
    const id = reader.byte();
    const size = reader.number();
    const from = reader.at;
    reader.skip(size);
    if (id > lastSection || found.has(id)) refuse('its sections are not in order');
    if (id !== 0) found.set(id, { whole: { start, end: reader.at }, reader: new Reader(bytes, { start: from, end: reader.at }) });
  }
  return found;
};

/**
 * Reads the outside of a WebAssembly module in one linear pass over its heads: nothing is compiled, and code and data are skipped. Modules
 * that use what is not offered (values under garbage collection, shared or 64-bit memories) are a fault, as are malformed ones; what is sound
 * here may still be refused by the compiler.
 * @see https://webassembly.github.io/spec/core/binary/modules.html
 */
export const readWasm = (bytes: Uint8Array): WasmRead => {
  try {
    return { shape: shapeOf(bytes) };
  } catch (error) {
    if (error instanceof Unreadable) return { fault: error.message };
    throw error;
  }
};

const shapeOf = (bytes: Uint8Array): WasmShape => {
  const found = sectionsIn(bytes);
  const section = (name: keyof typeof sections): Reader =>
    found.get(sections[name])?.reader ?? new Reader(new Uint8Array(1), { start: 0, end: 1 });
  const functions: Functions = { types: readTypes(section('types')), typeOf: [] };
  const imports = readImports(section('imports'), functions);
  const own = section('functions');
  for (const type of listOf(own, () => own.number())) functions.typeOf.push(type);
  const [tables, memories] = [section('tables'), section('memories')];
  const place = (name: 'tables' | 'memories'): WasmShape['places'] => {
    const whole = found.get(sections[name])?.whole;
    return whole === undefined ? {} : { [name]: whole };
  };
  return {
    imports,
    tables: listOf(tables, () => readTable(tables), mostNames),
    memories: listOf(memories, () => memories.bounds(), mostNames),
    exports: readExports(section('exports'), functions),
    places: { ...place('tables'), ...place('memories') },
  };
};
