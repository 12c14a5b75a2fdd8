import type { WasmFunction, WasmMemory } from './library.ts';

/** The guest did something that nothing well-made does. Its state is not to be relied on afterwards. */
export class Misbehaviour extends Error {
  /** `file:line:column`, where the guest says so. */
  readonly place: string | undefined;
  /** Facts, as JSON. */
  readonly data: string | undefined;

  constructor(message: string, more: { place?: string; data?: string } = {}) {
    super(message);
    this.place = more.place;
    this.data = more.data;
  }
}

/** Bytes of a text on its way out at most: what a frame holds, and some. */
const mostTextBytes = 64 * 1024 * 1024;

/** Bytes of a line for the log that are looked at. */
const lineBytes = 8_000;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
const wide = new TextDecoder('utf-16le');

/** A pointer and a length in one number, the pointer above. */
export const unpacked = (value: unknown): [pointer: number, length: number] => {
  if (typeof value !== 'bigint') throw new Misbehaviour('It gave something that is no 64-bit number.');
  return [Number((value >> 32n) & 0xffff_ffffn), Number(value & 0xffff_ffffn)];
};

/** The memory of a guest. Whatever number comes out of the guest is looked at before anything is read or written there. */
export class GuestMemory {
  private readonly memory: WasmMemory;
  private readonly allocate: WasmFunction;
  /** True while the guest does something for us that must not wait. */
  busy = false;

  constructor(memory: WasmMemory, allocate: WasmFunction) {
    this.memory = memory;
    this.allocate = allocate;
  }

  get bytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** UTF-8 text. @throws {Misbehaviour} when it lies outside or is none */
  text(pointer: number, length: number): string {
    const bytes = this.view(pointer, length);
    if (bytes.length > mostTextBytes) throw new Misbehaviour(`It gave a text of ${bytes.length} bytes.`);
    try {
      return decoder.decode(bytes);
    } catch {
      throw new Misbehaviour('It gave a text that is no UTF-8.');
    }
  }

  /** The beginning of a text that is only shown. */
  line(pointer: number, length: number): string {
    return lenient.decode(this.view(pointer, length).subarray(0, lineBytes));
  }

  /** Puts a text into memory that the guest allocates for it, and then owns. An empty text needs none. */
  put(text: string): [pointer: number, length: number] {
    const length = Buffer.byteLength(text);
    if (length === 0) return [0, 0];
    const pointer = Number(this.atOnce(this.allocate, length)) >>> 0;
    if (pointer === 0) throw new Misbehaviour(`It allocated nothing for ${length} bytes.`);
    encoder.encodeInto(text, this.view(pointer, length));
    return [pointer, length];
  }

  /** Calls a function of the guest that must not wait for the host: nothing of it could be awaited. */
  atOnce(work: WasmFunction, ...values: number[]): unknown {
    this.busy = true;
    try {
      return work(...values);
    } finally {
      this.busy = false;
    }
  }

  /** A string of AssemblyScript: UTF-16, its length in bytes in front of it. Undefined when there is none; never throws. */
  wideText(pointer: number): string | undefined {
    const start = pointer >>> 0;
    if (start < 4 || start + 4 > this.bytes) return undefined;
    const length = new DataView(this.memory.buffer).getUint32(start - 4, true);
    const end = Math.min(start + Math.min(length, 4_000), this.bytes);
    return wide.decode(new Uint8Array(this.memory.buffer, start, end - start));
  }

  private view(pointer: number, length: number): Uint8Array {
    const [start, size] = [pointer >>> 0, length >>> 0];
    if (start + size > this.bytes)
      throw new Misbehaviour(`It gave ${size} bytes at ${start}, which lie outside its memory of ${this.bytes} bytes.`);
    return new Uint8Array(this.memory.buffer, start, size);
  }
}
