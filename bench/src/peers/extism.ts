import createPlugin, { type Plugin } from '@extism/extism';
import type { JsonValue } from '@burgeon/kit';
import type { Contender } from '../../../packages/burgeon/src/measure/contender.ts';
import { code, section } from '../../../packages/burgeon/src/isolation/wasm-bytes.ts';
import { ownBytes } from './own-memory.ts';

const name = (text: string): number[] => [text.length, ...Buffer.from(text)];
const list = (...items: number[][]): number[] => [items.length, ...items.flat()];
/** A function with one local, a 64-bit number. */
const body = (...instructions: number[][]): number[] => {
  const bytes = [1, 1, 0x7e, ...instructions.flat(), 0x0b];
  return [bytes.length, ...bytes];
};
const imported = (from: string, what: string, type: number): number[] => [...name(from), ...name(what), 0, type];

/** Types: what gives a 64-bit number, what takes two, an operation, what takes and gives one. */
const types = list([0x60, 0, 1, 0x7e], [0x60, 2, 0x7e, 0x7e, 0], [0x60, 0, 1, 0x7f], [0x60, 1, 0x7e, 1, 0x7e]);

/** Keeps a number in the local, and leaves it. */
const keep = [0x22, 0];

/** How every binary begins: its kind, and version 1 of the format. */
const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

const environment = 'extism:host/env';

/** A plug-in of two operations: `tiny` gives back its input, `host` what a function of the host gives for it. */
const plugIn = Uint8Array.from([
  ...magic,
  ...section(1, types),
  ...section(
    2,
    list(
      imported(environment, 'input_offset', 0),
      imported(environment, 'input_length', 0),
      imported(environment, 'output_set', 1),
      imported(environment, 'length', 3),
      imported('extism:host/user', 'number', 3),
    ),
  ),
  ...section(3, list([2], [2])),
  ...section(7, list([...name('tiny'), 0, 5], [...name('host'), 0, 6])),
  ...section(
    10,
    list(
      body(code.call(0), code.call(1), code.call(2), code.int(0)),
      body(code.call(0), code.call(4), keep, code.get(0), code.call(3), code.call(2), code.int(0)),
    ),
  ),
]);

const number = '{"number":0.5}';

/** Its published runtime in this thread, with a plug-in of a few instructions: it has no engine for JavaScript. */
export const extism: Contender = {
  name: 'Extism',
  program: 'an echo in WebAssembly',
  mostModules: 100,
  open: async () => {
    const open = new Set<Plugin>();
    return {
      load: async () => {
        const plugin = await createPlugin(plugIn.slice().buffer, {
          useWasi: false,
          functions: { 'extism:host/user': { number: (calling: { store(text: string): bigint }) => calling.store(number) } },
        });
        open.add(plugin);
        return {
          call: async (operation, input) => (await plugin.call(operation, JSON.stringify(input)))?.json() as JsonValue,
          close: async () => {
            open.delete(plugin);
            await plugin.close();
          },
        };
      },
      memoryBytes: ownBytes,
      close: async () => void (await Promise.all([...open].map((each) => each.close()))),
    };
  },
};
