import { binary, code } from '../isolation/wasm-bytes.ts';

/** The text at 256: no arguments. */
const noArguments = '[]';

/** Past 100,000 bytes it begins anew: nobody needs the first any more. */
const rewind = [0x23, 0, ...code.int(100_000), 0x4a, 0x04, 0x40, ...code.int(1_024), 0x24, 0, 0x0b];

/** Room behind the last. */
const room = [0x23, 0, 0x41, 8, 0x6a, 0x23, 0, 0x20, 0, 0x6a, 0x41, 16, 0x6a, 0x24, 0];

/** Whether the name begins with `h`. */
const isHost = [...code.get(1), 0x2d, 0, 0, ...code.int(104), 0x46];

/** What the host answers, which is an answer of its own, or what it was called with. */
const answer = [0x04, 0x7e, ...code.int(256), ...code.int(noArguments.length), ...code.call(0), 0x05, ...code.echo, 0x0b];

/**
 * A module of two operations in WebAssembly, base64: `tiny` gives back what it was called with, `host` asks for a number. It reads no JSON: what
 * is measured is the way in and out.
 * @see docs/abi.md
 */
export const wasmProgram: string = binary({
  imports: [['burgeon:cap/random', 'number', 3]],
  data: noArguments,
  alloc: [...rewind, ...room],
  invoke: [...isHost, ...answer],
});
