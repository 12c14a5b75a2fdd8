import { BurgeonError, type JsonObject } from '@burgeon/kit';
import { rcompare, satisfies, validRange } from 'semver';

/** One version of one module, and what it needs: module id -> semver range. */
export interface Dependent {
  /** `namespace/name`. */
  id: string;
  version: string;
  dependencies: Readonly<Record<string, string>>;
  /** True for the version that is active: taken before any other that fits. */
  preferred?: boolean;
}

/** What is loaded, in which order, and which version each dependent gets of what it needs. */
export interface Resolution {
  /** Dependencies before those that need them. */
  order: Dependent[];
  /** By `id@version` of the dependent: id of the dependency -> version. */
  picks: Map<string, Map<string, string>>;
}

/** `namespace/name@1.2.0`. */
export const keyOf = ({ id, version }: Pick<Dependent, 'id' | 'version'>): string => `${id}@${version}`;

/**
 * Chooses versions for everything that `roots` need, directly or through others. Each dependent chooses for itself, so two versions of one
 * module may stand side by side; the active version comes first, then the highest that fits and whose own needs can be met.
 * @throws {BurgeonError} DEPENDENCY_UNMET; `data.unmet` names who wants what, and what there is
 */
export const resolveDependencies = (available: readonly Dependent[], roots: readonly Dependent[]): Resolution => {
  const shelf = shelve(available);
  const ranks = rank(shelf, [...new Set([...available, ...roots])]);
  for (const root of roots) if (!ranks.has(root)) throw unmet(shelf, ranks, root);
  // The best choices first. Should they make a circle, those that were found possible earliest never do.
  return walk(shelf, roots, (_dependent, candidate) => ranks.has(candidate)) ?? cautious(shelf, ranks, roots);
};

type Shelf = ReadonlyMap<string, readonly Dependent[]>;
type Ranks = ReadonlyMap<Dependent, number>;

/** By id, the preferred version first, then the highest. */
const shelve = (available: readonly Dependent[]): Shelf => {
  const shelf = new Map<string, Dependent[]>();
  for (const each of available) shelf.set(each.id, [...(shelf.get(each.id) ?? []), each]);
  for (const versions of shelf.values())
    versions.sort(
      (a, b) => Number(b.preferred === true) - Number(a.preferred === true) || rcompare(a.version, b.version, { loose: true }),
    );
  return shelf;
};

const candidatesOf = (shelf: Shelf, id: string, range: string): readonly Dependent[] =>
  (shelf.get(id) ?? []).filter(({ version }) => satisfies(version, range));

/** In which round it turns out that all needs of a version can be met; those that are missing never can. */
const rank = (shelf: Shelf, all: readonly Dependent[]): Ranks => {
  const ranks = new Map<Dependent, number>();
  for (let round = 0, waiting = all; ; round += 1) {
    const found = waiting.filter(({ dependencies }) =>
      Object.entries(dependencies).every(([id, range]) => candidatesOf(shelf, id, range).some((each) => ranks.has(each))),
    );
    if (found.length === 0) return ranks;
    for (const each of found) ranks.set(each, round);
    waiting = waiting.filter((each) => !ranks.has(each));
  }
};

const cautious = (shelf: Shelf, ranks: Ranks, roots: readonly Dependent[]): Resolution => {
  const lower = (dependent: Dependent, candidate: Dependent): boolean =>
    (ranks.get(candidate) ?? Number.POSITIVE_INFINITY) < (ranks.get(dependent) ?? 0);
  const found = walk(shelf, roots, lower);
  if (found) return found;
  throw new BurgeonError('INTERNAL', { message: 'Dependencies that can be met could not be put in order.' });
};

/** Everything that the roots need by the first allowed choice each; undefined when that goes round in a circle. */
const walk = (
  shelf: Shelf,
  roots: readonly Dependent[],
  allowed: (dependent: Dependent, candidate: Dependent) => boolean,
): Resolution | undefined => {
  const order: Dependent[] = [];
  const picks: Resolution['picks'] = new Map();
  const done = new Set<Dependent>();
  const open = new Set<Dependent>();
  const visit = (dependent: Dependent): boolean => {
    if (done.has(dependent)) return true;
    if (open.has(dependent)) return false;
    open.add(dependent);
    const chosen = new Map<string, string>();
    for (const [id, range] of Object.entries(dependent.dependencies)) {
      const pick = candidatesOf(shelf, id, range).find((candidate) => allowed(dependent, candidate));
      if (!pick || !visit(pick)) return false;
      chosen.set(id, pick.version);
    }
    open.delete(dependent);
    done.add(dependent);
    picks.set(keyOf(dependent), chosen);
    order.push(dependent);
    return true;
  };
  return roots.every(visit) ? { order, picks } : undefined;
};

/** One need that cannot be met. */
interface Unmet {
  dependent: string;
  dependency: string;
  range: string;
  /** Versions that there are. */
  available: string[];
  /** Who needs whom in a circle, when that is the reason. */
  circle?: string[];
}

const mostReasons = 20;

const unmet = (shelf: Shelf, ranks: Ranks, root: Dependent): BurgeonError => {
  const reasons: Unmet[] = [];
  const seen = new Set<Dependent>();
  const explain = (dependent: Dependent, path: readonly Dependent[]): void => {
    seen.add(dependent);
    const here = [...path, dependent];
    for (const [id, range] of Object.entries(dependent.dependencies)) {
      if (reasons.length >= mostReasons) return;
      const fitting = candidatesOf(shelf, id, range);
      if (fitting.some((each) => ranks.has(each))) continue;
      const need = { dependent: keyOf(dependent), dependency: id, range };
      const available = (shelf.get(id) ?? []).map(({ version }) => version);
      const back = fitting.find((each) => here.includes(each));
      if (back) reasons.push({ ...need, available, circle: [...here.slice(here.indexOf(back)), back].map(keyOf) });
      else if (fitting.length === 0) reasons.push({ ...need, available });
      else for (const each of fitting) if (!seen.has(each)) explain(each, here);
    }
  };
  explain(root, []);
  return new BurgeonError('DEPENDENCY_UNMET', {
    message: `${keyOf(root)} cannot be loaded: ${reasons.map(sentence).join('; ')}.`,
    hint: 'Add what is missing, or release versions whose ranges fit one another: burgeon versions MODULE shows what there is.',
    data: { module: root.id, unmet: reasons as unknown as JsonObject[] },
  });
};

const sentence = ({ dependent, dependency, range, available, circle }: Unmet): string => {
  if (circle) return `${circle.join(' needs ')}, which is a circle`;
  const need = `${dependent} needs ${dependency} ${range}`;
  if (validRange(range) === null) return `${need}, which is no range of versions`;
  if (available.length === 0) return `${need}, which is not there`;
  return `${need}, and there ${available.length === 1 ? 'is' : 'are'} ${available.join(', ')}`;
};
