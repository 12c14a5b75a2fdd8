import { CellFailure } from '../../../walls/inside/cell.ts';

const memorySection = 5;

/** The unsigned number at a place, and where it ends. @see https://webassembly.github.io/spec/core/binary/values.html#integers */
const numberAt = (bytes: Uint8Array, from: number): [value: number, end: number] => {
  let value = 0;
  for (let at = from, shift = 0; shift < 35; at += 1, shift += 7) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at + 1];
  }
  throw new CellFailure('code', 'The machine is not WebAssembly.');
};

const encoded = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...encoded(value >>> 7)]);

/**
 * A WebAssembly program whose one memory can grow to `pages` of 64 KiB and no further: the engine that runs it refuses, so nothing inside has to
 * be trusted for it. @see https://webassembly.github.io/spec/core/binary/modules.html#memory-section
 */
export const bounded = (program: Uint8Array, pages: number): Uint8Array => {
  let at = 8;
  while (at < program.length) {
    const [size, body] = numberAt(program, at + 1);
    if (program[at] === memorySection) {
      // One memory; its flags; what it has at first.
      const [least] = numberAt(program, body + 2);
      if (program[body] !== 1 || least > pages) break;
      const section = [1, 1, ...encoded(least), ...encoded(pages)];
      return Buffer.concat([
        program.subarray(0, at),
        Uint8Array.from([memorySection, ...encoded(section.length), ...section]),
        program.subarray(body + size),
      ]);
    }
    at = body + size;
  }
  throw new CellFailure('memory', 'The module may take less memory than an empty machine.');
};
