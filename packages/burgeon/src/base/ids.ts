import { randomBytes } from 'node:crypto';

/** Makes identifiers. Injected so that tests and trials get the same ones each time. */
export interface Ids {
  /** `prefix_` + 20 lower-case base-32 digits (100 bits). */
  next(prefix: string): string;
}

const alphabet = 'abcdefghjkmnpqrstvwxyz0123456789';

/** Random identifiers. */
export const randomIds: Ids = {
  next: (prefix) => `${prefix}_${Array.from(randomBytes(20), (byte) => alphabet[byte & 31]).join('')}`,
};

/** Counted identifiers: `prefix_1`, `prefix_2`, ... */
export const countedIds = (): Ids => {
  let count = 0;
  return { next: (prefix) => `${prefix}_${++count}` };
};
