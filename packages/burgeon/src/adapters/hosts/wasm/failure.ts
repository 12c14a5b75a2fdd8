import type { Failure } from '../../../walls/inside/cell.ts';
import { Misbehaviour } from './guest-memory.ts';

/** Characters of the facts that an error carries; longer ones are left out. */
const dataLength = 8_000;

/** What a guest said of an error of its own: `{ message, data?, place? }`. It comes from a hostile place, so every field is looked at. */
export const toldBy = (json: string): Failure => {
  let told: Readonly<Record<string, unknown>> = {};
  try {
    told = (JSON.parse(json) ?? {}) as typeof told;
  } catch {
    // It stays without words.
  }
  const data = told['data'] === undefined ? undefined : JSON.stringify(told['data']);
  const place = typeof told['place'] === 'string' ? told['place'].slice(0, 300) : undefined;
  return {
    kind: 'thrown',
    message: typeof told['message'] === 'string' ? told['message'].slice(0, 4_000) : 'The module failed.',
    ...(place === undefined ? {} : { place }),
    ...(data === undefined || data.length > dataLength ? {} : { data }),
  };
};

/** What ended a guest: an error of ours about it, or a trap, whose place is a function and an offset of the binary. */
export const failureOf = (error: unknown, entry: string): Failure => {
  if (error instanceof Misbehaviour) {
    const { message, place, data } = error;
    return { kind: 'thrown', message, ...(place === undefined ? {} : { place }), ...(data === undefined ? {} : { data }) };
  }
  const { message, stack = '' } = error instanceof Error ? error : { message: 'It threw something and did not catch it.' };
  const [, at] = /\b(wasm-function\[\d+\]:0x[0-9a-f]+)/.exec(stack) ?? [];
  return { kind: 'thrown', message, ...(at === undefined ? {} : { place: `${entry}:${at}` }) };
};
