import compare from 'semver/functions/compare.js';
import valid from 'semver/functions/valid.js';
import { comparePython } from './pep440.ts';
import type { Advisory, Affected, RangeEvent } from './record.ts';

/** One version of a package of somebody else's. */
export interface PackageVersion {
  ecosystem: 'npm' | 'PyPI';
  name: string;
  version: string;
}

/** The name under which a package index knows a package. @see https://peps.python.org/pep-0503/#normalized-names */
export const packageName = (ecosystem: string, name: string): string =>
  ecosystem === 'PyPI' ? name.replaceAll(/[-_.]+/g, '-').toLowerCase() : name;

/** The part of an ecosystem's name before its release: `Debian:12` gives `Debian`. */
export const ecosystemOf = (name: string): string => name.split(':')[0] ?? '';

type Compare = (a: string, b: string) => number | undefined;

const compareSemantic: Compare = (a, b) => {
  const [left, right] = [valid(a), valid(b)];
  return left === null || right === null ? undefined : compare(left, right);
};

/** How versions of a range compare; undefined for ranges that speak of something else than versions. */
const orderOf = (type: string, ecosystem: PackageVersion['ecosystem']): Compare | undefined => {
  if (type === 'SEMVER') return compareSemantic;
  if (type !== 'ECOSYSTEM') return undefined;
  return ecosystem === 'npm' ? compareSemantic : comparePython;
};

/** The text of an event and what it does, in the order in which events of one version count: what introduces comes before what fixes. */
const stepsOf = (events: readonly RangeEvent[]): { kind: 'introduced' | 'last_affected' | 'fixed'; at: string }[] =>
  (['introduced', 'last_affected', 'fixed'] as const).flatMap((kind) =>
    events.flatMap((event) => (event[kind] === undefined ? [] : [{ kind, at: event[kind] }])),
  );

/**
 * Whether a version lies in a range, by the algorithm of the schema. A version or a bound that cannot be compared counts as affected: nothing is
 * called clean that was not understood.
 * @see https://ossf.github.io/osv-schema/#evaluation
 */
const isInRange = (version: string, events: readonly RangeEvent[], order: Compare): boolean => {
  const against = (bound: string): number => (bound === '0' ? 1 : (order(version, bound) ?? NaN));
  const limits = events.flatMap(({ limit }) => limit ?? []);
  if (limits.length > 0 && limits.every((limit) => limit !== '*' && against(limit) >= 0)) return false;
  const steps = stepsOf(events);
  if (steps.some(({ at }) => Number.isNaN(against(at)))) return true;
  const sorted = steps.toSorted((a, b) => (a.at === '0' ? -1 : b.at === '0' ? 1 : (order(a.at, b.at) ?? 0)));
  let affected = false;
  for (const { kind, at } of sorted) {
    const place = against(at);
    if (kind === 'introduced' && place >= 0) affected = true;
    else if (kind === 'fixed' && place >= 0) affected = false;
    else if (kind === 'last_affected' && place > 0) affected = false;
  }
  return affected;
};

const concerns = ({ package: named }: Affected, { ecosystem, name }: PackageVersion): boolean =>
  named !== undefined &&
  ecosystemOf(named.ecosystem) === ecosystem &&
  packageName(ecosystem, named.name) === packageName(ecosystem, name);

const sameVersion = (listed: string, { ecosystem, version }: PackageVersion): boolean =>
  listed === version || (ecosystem === 'PyPI' && comparePython(listed, version) === 0);

/** True when a record that was not withdrawn says that a version of a package is vulnerable. */
export const affects = ({ withdrawn, affected = [] }: Advisory, wanted: PackageVersion): boolean =>
  withdrawn === undefined &&
  affected
    .filter((each) => concerns(each, wanted))
    .some(({ versions = [], ranges = [] }) => {
      if (versions.some((listed) => sameVersion(listed, wanted))) return true;
      const known = ranges.flatMap(({ type, events }) => {
        const order = orderOf(type, wanted.ecosystem);
        return order ? [{ events, order }] : [];
      });
      // Nothing is said of versions: then it is all of them.
      if (known.length === 0) return versions.length === 0;
      return known.some(({ events, order }) => isInRange(wanted.version, events, order));
    });

/** The versions of a package in which a record is mended, lowest first as they stand there. */
export const fixesOf = ({ affected = [] }: Advisory, wanted: PackageVersion): string[] => [
  ...new Set(
    affected
      .filter((each) => concerns(each, wanted))
      .flatMap(({ ranges = [] }) => ranges.flatMap(({ events }) => events.flatMap(({ fixed }) => fixed ?? []))),
  ),
];
