import type { Invocation } from './command.ts';
import { usage } from './fault.ts';

/**
 * A number option within bounds, or undefined when it was not given.
 * @throws {BurgeonError} USAGE
 */
export const numberOption = (
  { options }: Pick<Invocation, 'options'>,
  name: string,
  bounds: { least: number; most: number; whole: boolean },
): number | undefined => {
  const text = options[name];
  if (typeof text !== 'string') return undefined;
  const number = text.trim() === '' ? Number.NaN : Number(text);
  const { least, most, whole } = bounds;
  if (number >= least && number <= most && (!whole || Number.isInteger(number))) return number;
  throw usage(`--${name} is "${text}".`, `Write a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`);
};

/** The bounds of a port; 0 = any free one. */
export const portBounds: { least: number; most: number; whole: boolean } = { least: 0, most: 65_535, whole: true };
