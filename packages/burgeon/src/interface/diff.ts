/** What changed between two versions of an interface, and what that means to those who call it. */
import type { Channel, Interface, Operation, Result } from '@burgeon/kit';
import { canonicalJson, pointerToken } from '../base/json.ts';
import { fingerprint } from './fingerprint.ts';
import { type Change, type Comparison, type Impact, type Role, compareSchemas } from './schema-diff.ts';

export type { Change } from './schema-diff.ts';

/** How the version has to move. `none`: nothing changed, not even words. */
export type Verdict = 'major' | 'minor' | 'patch' | 'none';

/** What {@link diffInterfaces} found; breaking changes first, otherwise in the order of the later interface. */
export interface InterfaceDiff {
  verdict: Verdict;
  changes: Change[];
}

type Add = (impact: Impact, code: string, path: string, message: string) => void;

const equal = (a: unknown, b: unknown): boolean => canonicalJson(a ?? null) === canonicalJson(b ?? null);

/** An alternative of credentials is still enough when some later alternative asks for nothing that it does not have. */
const stillEnough = (held: Record<string, string[]>, later: Record<string, string[]>[]): boolean =>
  later.length === 0 ||
  later.some((asked) =>
    Object.entries(asked).every(
      ([key, scopes]) => Object.hasOwn(held, key) && scopes.every((scope) => held[key]?.includes(scope)),
    ),
  );

const compareAuth = (
  before: { auth: Record<string, string[]>[] },
  after: { auth: Record<string, string[]>[] },
  path: string,
  add: Add,
): void => {
  if (equal(before.auth, after.auth)) return;
  const held = before.auth.length === 0 ? [{}] : before.auth;
  const enough = held.every((alternative) => stillEnough(alternative, after.auth));
  add(
    enough ? 'compatible' : 'breaking',
    'auth-changed',
    `${path}/auth`,
    enough ? 'Other credentials will do, too.' : 'The credentials asked for so far are no longer enough.',
  );
};

const compareResults = (
  before: Result[],
  after: Result[],
  at: { path: string; what: string; comparison: Comparison },
  add: Add,
): void => {
  const earlier = new Map(before.map((result) => [result.code, result]));
  const later = new Set(after.map(({ code }) => code));
  after.forEach((result, index) => {
    const path = `${at.path}/${index}`;
    const known = earlier.get(result.code);
    if (!known) return add('compatible', `${at.what}-added`, path, `The result "${result.code}" is new.`);
    compareSchemas(known.schema, result.schema, { comparison: at.comparison, role: 'output', path: `${path}/schema`, depth: 0 });
    if (known.description !== result.description)
      add('documentation', 'description-changed', path, `The result "${result.code}" is described otherwise.`);
  });
  for (const code of earlier.keys())
    if (!later.has(code)) add('compatible', `${at.what}-removed`, at.path, `The result "${code}" is gone.`);
};

const compareNature = (before: Operation, after: Operation, path: string, add: Add): void => {
  if (before.effect !== after.effect)
    add('breaking', 'effect-changed', `${path}/effect`, `The effect was ${before.effect} and is ${after.effect}.`);
  if (before.idempotent !== after.idempotent) {
    add(
      before.idempotent ? 'breaking' : 'compatible',
      'idempotence-changed',
      `${path}/idempotent`,
      `Repeating a call is ${after.idempotent ? 'now' : 'no longer'} harmless.`,
    );
  }
  if (!before.stream !== !after.stream)
    add(
      'breaking',
      'stream-changed',
      `${path}/stream`,
      after.stream ? 'The result now arrives item by item.' : 'The result no longer arrives item by item.',
    );
  if (!equal(before.pagination, after.pagination))
    add(
      before.pagination ? 'breaking' : 'compatible',
      'pagination-changed',
      `${path}/pagination`,
      'The result is walked otherwise.',
    );
  if (before.outputCode !== after.outputCode)
    add(
      'compatible',
      'output-code-changed',
      `${path}/outputCode`,
      `The ordinary result was "${before.outputCode ?? ''}" and is "${after.outputCode ?? ''}".`,
    );
};

const spoken = (operation: Operation): unknown => [
  operation.summary,
  operation.description,
  operation.deprecated ?? false,
  operation.tags,
  operation.examples,
];

const compareOperations = (before: Operation, after: Operation, path: string, comparison: Comparison): void => {
  const { changes } = comparison;
  const found = changes.length;
  const add: Add = (impact, code, where, message) => changes.push({ impact, code, path: where, message });
  compareSchemas(before.input, after.input, { comparison, role: 'input', path: `${path}/input`, depth: 0 });
  compareSchemas(before.output, after.output, { comparison, role: 'output', path: `${path}/output`, depth: 0 });
  if (before.stream && after.stream)
    compareSchemas(before.stream.item, after.stream.item, { comparison, role: 'output', path: `${path}/stream/item`, depth: 0 });
  compareResults(
    before.alternatives ?? [],
    after.alternatives ?? [],
    { path: `${path}/alternatives`, what: 'alternative', comparison },
    add,
  );
  compareResults(before.errors, after.errors, { path: `${path}/errors`, what: 'error', comparison }, add);
  compareAuth(before, after, path, add);
  compareNature(before, after, path, add);
  if (!equal(spoken(before), spoken(after)))
    add('documentation', 'description-changed', path, `"${after.id}" is described otherwise.`);
  // Bindings repeat the schemas: they count alone only where nothing else changed.
  if (changes.length === found && !equal(before.bindings, after.bindings)) {
    add('compatible', 'binding-changed', `${path}/bindings`, `"${after.id}" is carried out otherwise.`);
  }
};

const compareChannels = (before: Channel, after: Channel, path: string, comparison: Comparison): void => {
  const add: Add = (impact, code, where, message) => comparison.changes.push({ impact, code, path: where, message });
  if (before.direction !== after.direction)
    add(
      after.direction === 'both' ? 'compatible' : 'breaking',
      'direction-changed',
      `${path}/direction`,
      `The direction was ${before.direction} and is ${after.direction}.`,
    );
  const roles: Role[] = after.direction === 'both' ? ['input', 'output'] : [after.direction === 'in' ? 'output' : 'input'];
  for (const role of roles) {
    compareSchemas(before.message, after.message, { comparison, role, path: `${path}/message`, depth: 0 });
    const back = role === 'input' ? 'output' : 'input';
    compareSchemas(before.reply ?? true, after.reply ?? true, { comparison, role: back, path: `${path}/reply`, depth: 0 });
  }
  compareAuth(before, after, path, add);
  if (before.summary !== after.summary || before.description !== after.description)
    add('documentation', 'description-changed', path, `"${after.id}" is described otherwise.`);
};

interface Named<T> {
  table: string;
  what: string;
  key(item: T): string;
  compare(before: T, after: T, path: string): void;
  add: Add;
  /** What the loss of one means. */
  lost: Impact;
}

const compareLists = <T>(before: readonly T[], after: readonly T[], by: Named<T>): void => {
  const earlier = new Map(before.map((item, index) => [by.key(item), { item, index }]));
  const later = new Set(after.map(by.key));
  after.forEach((item, index) => {
    const known = earlier.get(by.key(item));
    if (known) by.compare(known.item, item, `/${by.table}/${index}`);
    else by.add('compatible', `${by.what}-added`, `/${by.table}/${index}`, `"${by.key(item)}" is new.`);
  });
  for (const [key, { index }] of earlier)
    if (!later.has(key)) by.add(by.lost, `${by.what}-removed`, `/${by.table}/${index}`, `"${key}" is gone.`);
};

const compareWhole = (before: Interface, after: Interface, add: Add): void => {
  const words = ({ title, description, version }: Interface): unknown => [title, description, version];
  if (!equal(words(before), words(after)))
    add('documentation', 'description-changed', '', 'Title, description or version of the source is another one.');
  if (!equal(before.locations, after.locations))
    add('compatible', 'locations-changed', '/locations', 'The addresses are other ones.');
  if (!equal(before.bindings, after.bindings))
    add('compatible', 'binding-changed', '/bindings', 'The whole is carried out otherwise.');
  for (const [key, scheme] of Object.entries(after.auth)) {
    const path = `/auth/${pointerToken(key)}`;
    const known = Object.hasOwn(before.auth, key) ? before.auth[key] : undefined;
    if (!known) add('compatible', 'auth-scheme-added', path, `"${key}" is new.`);
    else if (known.kind !== scheme.kind)
      add('breaking', 'auth-scheme-changed', path, `"${key}" was ${known.kind} and is ${scheme.kind}.`);
    else if (!equal(known.bindings, scheme.bindings) || !equal(known.flows, scheme.flows))
      add('compatible', 'auth-scheme-changed', path, `"${key}" is carried out otherwise.`);
    else if (known.description !== scheme.description)
      add('documentation', 'description-changed', path, `"${key}" is described otherwise.`);
  }
  for (const key of Object.keys(before.auth)) {
    if (!Object.hasOwn(after.auth, key))
      add('compatible', 'auth-scheme-removed', `/auth/${pointerToken(key)}`, `"${key}" is gone.`);
  }
};

const verdictOf = (changes: readonly Change[]): Verdict => {
  const has = (impact: Impact): boolean => changes.some((change) => change.impact === impact);
  return has('breaking') ? 'major' : has('compatible') ? 'minor' : has('documentation') ? 'patch' : 'none';
};

const order: readonly Impact[] = ['breaking', 'compatible', 'documentation'];

/**
 * Compares two versions, operation by operation (by id). Inputs are contravariant, outputs covariant; removing a property breaks either
 * way. A difference of fingerprints that nothing else explains counts as compatible, so `none` and `patch` mean that nothing callable moved.
 */
export const diffInterfaces = (before: Interface, after: Interface): InterfaceDiff => {
  if (canonicalJson(before) === canonicalJson(after)) return { verdict: 'none', changes: [] };
  const comparison: Comparison = { before: before.types, after: after.types, changes: [], seen: new Set() };
  const { changes } = comparison;
  const add: Add = (impact, code, path, message) => changes.push({ impact, code, path, message });
  compareWhole(before, after, add);
  compareLists(before.operations, after.operations, {
    table: 'operations',
    what: 'operation',
    key: ({ id }) => id,
    compare: (one, other, path) => compareOperations(one, other, path, comparison),
    add,
    lost: 'breaking',
  });
  compareLists(before.channels, after.channels, {
    table: 'channels',
    what: 'channel',
    key: ({ id }) => id,
    compare: (one, other, path) => compareChannels(one, other, path, comparison),
    add,
    lost: 'breaking',
  });
  compareLists(before.entities, after.entities, {
    table: 'entities',
    what: 'entity',
    key: ({ name }) => name,
    compare: (one, other, path) => {
      if (!equal(one, other)) add('compatible', 'entity-changed', path, `"${other.name}" is stored or reached otherwise.`);
    },
    add,
    lost: 'compatible',
  });
  const callable = changes.some(({ impact }) => impact !== 'documentation');
  if (!callable && fingerprint(before) !== fingerprint(after))
    add('compatible', 'detail-changed', '', 'A detail changed that no rule names.');
  return { verdict: verdictOf(changes), changes: changes.toSorted((a, b) => order.indexOf(a.impact) - order.indexOf(b.impact)) };
};
