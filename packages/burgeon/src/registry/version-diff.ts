import { type Effect, type Interface, type Limits, type Operation, defaultLimits, manifestExtension } from '@burgeon/kit';
import { canonicalJson } from '../base/json.ts';
import { type Change, type InterfaceDiff, diffInterfaces } from '../interface/diff.ts';
import { type CapabilityDifference, diffCapabilities } from '../security/capabilities.ts';
import type { Inspected } from './inspect.ts';

/** Names that came, went, and stayed under another meaning. */
export interface NameDifference {
  added: string[];
  removed: string[];
  changed: string[];
}

/** One operation that both versions have, and what is otherwise about it. */
export interface OperationChange {
  id: string;
  /** The gravest of its changes. */
  impact: Change['impact'];
  changes: Change[];
}

/** An operation that came or went. */
export interface OperationEntry {
  id: string;
  effect: Effect;
  summary?: string;
}

/** What changed between two versions of a module, as people ask for it. */
export interface VersionDifference extends InterfaceDiff {
  operations: { added: OperationEntry[]; removed: OperationEntry[]; changed: OperationChange[] };
  types: NameDifference;
  capabilities: CapabilityDifference;
  /** Limits that are not what they were; what a manifest leaves out is the ordinary. */
  limits: { name: string; from: number; to: number }[];
  dependencies: NameDifference;
  files: { added: string[]; removed: string[]; changed: { path: string; linesAdded: number; linesRemoved: number }[] };
}

/** Compares two versions: what can be called, what it may do and take, what it consists of. */
export const diffVersions = (before: Inspected, after: Inspected): VersionDifference => {
  const { verdict, changes } = diffInterfaces(before.interface, after.interface);
  const [earlier, later] = [before, after].map(({ candidate }) => candidate.manifest.extensions[manifestExtension]);
  return {
    verdict,
    changes,
    operations: diffOperations(before.interface, after.interface, changes),
    types: diffNames(before.interface.types, after.interface.types),
    capabilities: diffCapabilities(before.capabilities, after.capabilities),
    limits: diffLimits(earlier?.limits ?? {}, later?.limits ?? {}),
    dependencies: diffNames(earlier?.dependencies ?? {}, later?.dependencies ?? {}),
    files: diffFiles(before, after),
  };
};

const gravity: readonly Change['impact'][] = ['breaking', 'compatible', 'documentation'];

const diffOperations = (before: Interface, after: Interface, changes: readonly Change[]): VersionDifference['operations'] => {
  const without = (own: readonly Operation[], others: readonly Operation[]): OperationEntry[] => {
    const known = new Set(others.map(({ id }) => id));
    return own.filter(({ id }) => !known.has(id)).map(entryOf);
  };
  const added = without(after.operations, before.operations);
  const isNew = new Set(added.map(({ id }) => id));
  const byIndex = Map.groupBy(changes, ({ code, path }) =>
    code === 'operation-removed' ? undefined : /^\/operations\/(\d+)/.exec(path)?.[1],
  );
  const changed = after.operations.flatMap(({ id }, index): OperationChange[] => {
    const own = byIndex.get(String(index)) ?? [];
    const [impact] = gravity.filter((each) => own.some((change) => change.impact === each));
    return impact === undefined || isNew.has(id) ? [] : [{ id, impact, changes: own }];
  });
  return { added, removed: without(before.operations, after.operations), changed };
};

const entryOf = ({ id, effect, summary }: Operation): OperationEntry => ({
  id,
  effect,
  ...(summary === undefined ? {} : { summary }),
});

const diffNames = (before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): NameDifference => {
  const had = (name: string): boolean => Object.hasOwn(before, name);
  const names = Object.keys(after);
  return {
    added: names.filter((name) => !had(name)),
    removed: Object.keys(before).filter((name) => !Object.hasOwn(after, name)),
    changed: names.filter((name) => had(name) && canonicalJson(before[name]) !== canonicalJson(after[name])),
  };
};

const diffLimits = (before: Partial<Limits>, after: Partial<Limits>): VersionDifference['limits'] =>
  (Object.keys(defaultLimits) as (keyof Limits)[]).flatMap((name) => {
    const [from, to] = [before[name] ?? defaultLimits[name], after[name] ?? defaultLimits[name]];
    return from === to ? [] : [{ name, from, to }];
  });

const diffFiles = (before: Inspected, after: Inspected): VersionDifference['files'] => {
  const texts = ({ candidate }: Inspected): Record<string, string> =>
    Object.fromEntries(candidate.files.map(({ path, text }) => [path, text]));
  const [old, now] = [texts(before), texts(after)];
  const { added, removed, changed } = diffNames(old, now);
  return { added, removed, changed: changed.map((path) => ({ path, ...countLines(old[path] ?? '', now[path] ?? '') })) };
};

/** Lines that one text has and the other has not; one that only moved counts for nothing. */
const countLines = (before: string, after: string): { linesAdded: number; linesRemoved: number } => {
  const balance = new Map<string, number>();
  for (const line of before.split('\n')) balance.set(line, (balance.get(line) ?? 0) - 1);
  for (const line of after.split('\n')) balance.set(line, (balance.get(line) ?? 0) + 1);
  let [linesAdded, linesRemoved] = [0, 0];
  for (const count of balance.values()) {
    if (count > 0) linesAdded += count;
    else linesRemoved -= count;
  }
  return { linesAdded, linesRemoved };
};
