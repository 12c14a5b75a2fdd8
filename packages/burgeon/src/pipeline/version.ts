import type { Interface } from '@burgeon/kit';
import semver from 'semver';
import { diffInterfaces } from '../interface/diff.ts';

/** The version before, and what it described. */
export interface Predecessor {
  version: string;
  interface: Interface;
}

const firstVersion = '1.0.0';

/**
 * Version of a new interface: the predecessor's, raised as the difference demands (breaking = major, additions = minor, else patch).
 * `taken` versions are skipped.
 */
export const nextVersion = (predecessor: Predecessor | undefined, description: Interface, taken: ReadonlySet<string>): string => {
  if (!predecessor) return taken.has(firstVersion) ? raise(firstVersion, 'patch', taken) : firstVersion;
  const { verdict } = diffInterfaces(predecessor.interface, description);
  return raise(predecessor.version, verdict === 'none' ? 'patch' : verdict, taken);
};

const raise = (version: string, step: 'major' | 'minor' | 'patch', taken: ReadonlySet<string>): string => {
  let next = semver.inc(version, step) ?? firstVersion;
  while (taken.has(next)) next = semver.inc(next, step) ?? firstVersion;
  return next;
};
