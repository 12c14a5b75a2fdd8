import type { Diagnostic } from '@burgeon/kit';

/** A finding before it has a position in lines. */
export interface Finding {
  /** `BP-01` to `BP-10`, or `policy-...`. */
  rule: string;
  severity: 'error' | 'warning';
  message: string;
  hint?: Diagnostic['hint'];
  offset: number;
}

/** What judging one file needs to know of the others. */
export interface Neighbours {
  /** True when a relative specifier names a file of the bundle. */
  has(specifier: string): boolean;
}

/** What most nodes give; one list for all of them. */
export const nothing: readonly Finding[] = [];
