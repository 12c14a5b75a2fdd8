import { BurgeonError, defaultLimits, manifestExtension, type Limits } from '@burgeon/kit';

/** Which limit was reached, and by whom. */
export interface ReachedLimit {
  /** Module id, for the text. */
  name: string;
  /** What was in force. */
  limits: Limits;
  limit: keyof Limits;
  /** The limits that the manifest itself names; they say which line set the value. */
  own?: Partial<Limits> | undefined;
  /** The operation that ran, where one did. */
  operation?: string;
}

/**
 * The error of a reached limit. `data` is `{limit, value, module, operation?, set}`; `set` is the line that would have to change:
 * `plugin.json /extensions/dev.burgeon.module/limits/wallMs`, `default limit`, or `limit of the trial`.
 */
export const limitExceeded = (about: ReachedLimit): BurgeonError => {
  const { name, limits, limit, operation } = about;
  const value = limits[limit];
  const set = setBy(about);
  return new BurgeonError('LIMIT_EXCEEDED', {
    message: `${operation === undefined ? name : `${name}.${operation}`} reached its limit ${limit} = ${value} (${set}).`,
    hint: `Ask for less in one call, or raise ${lineOf(limit)} and have the new version approved.`,
    data: { limit, value, module: name, ...(operation === undefined ? {} : { operation }), set },
  });
};

const setBy = ({ limits, limit, own }: ReachedLimit): string => {
  const value = limits[limit];
  if (own?.[limit] === value) return lineOf(limit);
  if (value === defaultLimits[limit]) return 'default limit';
  // Only a trial holds a module shorter than its manifest and the defaults do.
  return own === undefined ? lineOf(limit) : 'limit of the trial';
};

const lineOf = (limit: keyof Limits): string => `plugin.json /extensions/${manifestExtension}/limits/${limit}`;
