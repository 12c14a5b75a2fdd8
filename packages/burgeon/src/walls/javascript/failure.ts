import type { Failure } from '../inside/cell.ts';

/** Frames of the module look like `module:/index.ts:3:9`, some engines leave the column out; gives the first. */
export const placeIn = (stack: string | undefined): string | undefined =>
  /module:\/([^\s():]{1,240}:\d{1,7}(?::\d{1,7})?)/.exec(stack ?? '')?.[1];

const read = (value: unknown, name: string): string | undefined => {
  const found = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof found === 'string' ? found : undefined;
};

/** What the glue says of a failure, as the control plane is told. It comes from a hostile place, so every field is looked at. */
export const guestFailure = (kind: unknown, text: string): Failure => {
  if (kind === 'missing') return { kind, message: 'The module has no such operation.' };
  if (kind === 'code') return { kind, message: text.slice(0, 2_000) };
  let told: unknown;
  try {
    told = JSON.parse(text);
  } catch {
    told = undefined;
  }
  // What V8 says when the memory outside its heap is used up.
  if (read(told, 'message') === 'Array buffer allocation failed')
    return { kind: 'memory', message: 'The module used all its memory.' };
  const [place, data] = [placeIn(read(told, 'stack')), read(told, 'data')];
  return {
    kind: 'thrown',
    message: read(told, 'message') ?? 'The module failed.',
    ...(place === undefined ? {} : { place }),
    ...(data === undefined ? {} : { data }),
  };
};
