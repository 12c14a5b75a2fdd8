import { type Capability, type JsonValue, type Limits, defaultLimits } from '@burgeon/kit';
import { canonicalJson } from '../base/json.ts';
import { reachOf } from '../security/addresses.ts';
import { busVerbs, canonicalCapabilities, diffCapabilities } from '../security/capabilities.ts';
import {
  type DisclosureWords,
  type EffectCounts,
  type Locale,
  type DisclosedWall,
  type Whereabouts,
  disclosureWords,
} from './messages.ts';
import { quoted, visible } from './visible.ts';

/** What a disclosure is rendered from: facts only, no text of a model or of the other side. */
export interface DisclosureFacts {
  /** Module id. */
  module: string;
  /** The name people gave a skill; shown instead of its id, which then stands below. */
  title?: string;
  version: string;
  capabilities: readonly Capability[];
  /** Capabilities of the version that is active now. Absent = there is none. */
  previous?: readonly Capability[];
  locale: Locale;
  checks: readonly { name: string; ok: boolean }[];
  /** Names of the checks that had nothing to judge by. */
  unchecked?: readonly string[];
  /** How many of its operations were tried, and how that went. */
  trial?: { passed: number; failed: number; skipped: number; unobserved?: readonly Capability[] };
  /** True when it asks for more than was found to be needed. */
  excess?: boolean;
  /** There when it came as a package. */
  publisher?: { name: string; trust: string };
  /** What its operations do, where that is read off a description; and what those of the active version do. */
  operations?: { now: EffectCounts; before?: EffectCounts };
  /** The walls it runs behind. */
  walls: readonly DisclosedWall[];
  /** There when it is a program of its own. `inferred`: its powers were read from its code, not only declared. */
  program?: { inferred: boolean };
  /** Limits that the manifest names. */
  limits?: Partial<Limits>;
  /** sha-256 (hex) of the bundle. */
  digest: string;
}

/**
 * What a person approves, in plain words: one line per thing the module wants to do, then version, checks, walls and the first 8 hex
 * digits of the bundle's digest. Names that are not plain ASCII words stand in quotes with every invisible character spelt out.
 */
export const renderDisclosure = (facts: DisclosureFacts): string => {
  const words = disclosureWords[facts.locale];
  const previous = facts.previous !== undefined;
  const heading = words.heading(shownName(facts), {
    skill: isSkill(facts.module),
    previous,
    version: visible(facts.version),
  });
  return [heading, ...capabilityLines(facts, words).map((line) => `- ${line}`), '', ...factLines(facts, words)].join('\n');
};

/** What the channels after the first are asked beside it; the name of the channel follows. */
export const renderConfirmation = (facts: Pick<DisclosureFacts, 'module' | 'title' | 'locale'>): string =>
  disclosureWords[facts.locale].confirm(shownName(facts));

const isSkill = (module: string): boolean => module.startsWith('skill/');

const shownName = ({ module, title }: Pick<DisclosureFacts, 'module' | 'title'>): string =>
  visible((isSkill(module) ? title : undefined) ?? module);

/** The first digits of a bundle's digest, by which people compare what two channels show. */
export const fingerprintOf = (digest: string): string => digest.slice(0, 8);

const capabilityLines = ({ capabilities, previous }: DisclosureFacts, words: DisclosureWords): string[] => {
  const difference = diffCapabilities(previous ?? capabilities, capabilities);
  const among = (list: readonly Capability[], one: Capability): boolean =>
    list.some((item) => canonicalJson(item) === canonicalJson(one));
  const lines = canonicalCapabilities(capabilities).flatMap((capability) => {
    const gained = newNames(previous ?? [], capability)
      .map(quoted)
      .join(', ');
    const mark = among(difference.added, capability)
      ? words.added
      : among(difference.widened, capability)
        ? words.widened(gained === '' ? undefined : gained)
        : '';
    return linesOf(capability, words).map((line) => `${line}${mark}`);
  });
  const removed = difference.removed.flatMap((capability) => linesOf(capability, words).map((line) => `${words.removed}${line}`));
  return [...(lines.length === 0 ? [words.nothing] : lines), ...removed];
};

/** What of a capability no earlier one of its kind names: the reader need not look for it among what was there before. */
const newNames = (previous: readonly Capability[], { kind, scope }: Capability): string[] => {
  const before = canonicalCapabilities(previous).filter((each) => each.kind === kind);
  return Object.keys(scope).flatMap((name) => {
    if (!Array.isArray(scope[name]) || before.some((each) => !Array.isArray(each.scope[name]))) return [];
    const known = new Set(before.flatMap((each) => listOf(each.scope, name)));
    return listOf(scope, name).filter((item) => !known.has(item));
  });
};

const factLines = (
  {
    module,
    title,
    version,
    checks,
    unchecked = [],
    trial,
    excess,
    publisher,
    walls,
    digest,
    program,
    operations,
    limits = {},
  }: DisclosureFacts,
  words: DisclosureWords,
): string[] => {
  const higher = raised(limits);
  const failed = checks.filter(({ ok }) => !ok).map(({ name }) => quoted(name));
  return [
    ...(title === undefined ? [] : [`${words.id}: ${visible(module)}`]),
    `${words.version}: ${visible(version)}`,
    ...(operations ? [words.operations(operations.now, operations.before)] : []),
    words.checks(checks.length - failed.length, checks.length),
    ...(failed.length === 0 ? [] : [words.failed(failed.join(', '))]),
    ...(unchecked.length === 0 ? [] : [words.unchecked(unchecked.map(quoted).join(', '))]),
    ...(trial ? [words.tried(trial)] : []),
    ...(trial?.unobserved?.length ? [words.unobserved(trial.unobserved.flatMap((one) => linesOf(one, words)).join('; '))] : []),
    ...(excess === true ? [words.excess] : []),
    ...(publisher ? [words.publisher(quoted(publisher.name), publisher.trust)] : []),
    ...(program ? [words.program] : []),
    ...(program?.inferred === false ? [words.declared] : []),
    ...(higher.length === 0 ? [] : [words.limits(higher.join(', '))]),
    ...(walls.length === 0 ? [] : [`${words.runsIn}: ${walls.map((wall) => words.walls[wall]).join('; ')}`]),
    `${words.fingerprint}: ${fingerprintOf(digest)}`,
  ];
};

/** `cpuMs 20000 (5000)`: what a module may take beyond the ordinary. */
const raised = (limits: Partial<Limits>): string[] =>
  (Object.keys(defaultLimits) as (keyof Limits)[]).flatMap((name) => {
    const value = limits[name] ?? 0;
    return value > defaultLimits[name] ? [`${name} ${value} (${defaultLimits[name]})`] : [];
  });

type Scope = Readonly<Record<string, JsonValue>>;
type Renderer = (scope: Scope, words: DisclosureWords) => string[];

/** How many names one line shows; the rest is counted, and the whole list is in the manifest. */
const shown = 20;

/** What is shown to the last name: nobody hides one place or secret behind twenty others. */
const shownWhole: ReadonlySet<string> = new Set(['hosts', 'names', 'globs']);

const listOf = (scope: Scope, name: string): string[] => {
  const value = Object.hasOwn(scope, name) ? scope[name] : undefined;
  const all = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return all.map((item) => (typeof item === 'string' ? item : canonicalJson(item)));
};

const named = (scope: Scope, name: string): string => {
  const all = listOf(scope, name);
  const most = shownWhole.has(name) ? all.length : shown;
  const text = all.slice(0, most).map(quoted).join(', ');
  return all.length > most ? `${text}, ... (${all.length})` : text;
};

const optional = <K extends string>(key: K, scope: Scope, name: string): Partial<Record<K, string>> =>
  (listOf(scope, name).length === 0 ? {} : { [key]: named(scope, name) }) as Partial<Record<K, string>>;

/** Addresses that are written out tell where they lead; of names only the person who granted them knows. */
const whereabouts = (scope: Scope): Whereabouts => {
  if (listOf(scope, 'hosts').some((host) => leadsInside(host))) return 'inside';
  return scope['private'] === true ? 'private' : 'public';
};

const leadsInside = (host: string): boolean => {
  const name = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(\[[^\]]*\]|[^:/]*)(?::\d+)?$/i.exec(host)?.[1] ?? '';
  const reach = reachOf(name.replace(/^\[|\]$/g, ''));
  return (reach !== undefined && reach !== 'public') || /^(?:.+\.)?localhost\.?$/i.test(name);
};

const renderers: Readonly<Record<string, Renderer>> = {
  'net.http': (scope, words) => [
    words.reach(named(scope, 'hosts'), {
      ...optional('methods', scope, 'methods'),
      ...optional('paths', scope, 'paths'),
      where: whereabouts(scope),
    }) + (scope['unencrypted'] === true ? words.unencrypted : ''),
  ],
  'net.socket': (scope, words) => [words.connect(named(scope, 'hosts'), { where: whereabouts(scope) })],
  db: (scope, words) => dataLines(scope, words),
  bus: (scope, words) => messageLines(scope, words),
  fs: (scope, words) => [words.files(named(scope, 'globs'), listOf(scope, 'mode').join())],
  'secret.use': (scope, words) => [words.secrets(named(scope, 'names'))],
  model: (scope, words) => [words.model(named(scope, 'classes'), optional('budget', scope, 'budget').budget)],
  'module.call': (scope, words) => [words.call(named(scope, 'ids'))],
  clock: (_scope, words) => [words.clock],
  random: (_scope, words) => [words.random],
};

const linesOf = ({ kind, scope }: Capability, words: DisclosureWords): string[] => {
  const renderer = Object.hasOwn(renderers, kind) ? renderers[kind] : undefined;
  return renderer ? renderer(scope, words) : [words.other(quoted(kind), quoted(canonicalJson(scope)))];
};

const messageLines = (scope: Scope, words: DisclosureWords): string[] => {
  const [verbs, topics] = [listOf(scope, 'verbs'), named(scope, 'topics')];
  if (verbs.length === 0 || busVerbs.every((verb) => verbs.includes(verb))) return [words.messages.all(topics)];
  return [
    ...busVerbs.filter((verb) => verbs.includes(verb)).map((verb) => words.messages[verb](topics)),
    ...verbs.filter((verb) => !busVerbs.some((known) => known === verb)).map((verb) => words.other(quoted(verb), topics)),
  ];
};

/** Reading names the tables; the verbs after it speak of the same ones. */
const dataLines = (scope: Scope, words: DisclosureWords): string[] => {
  const verbs = listOf(scope, 'verbs');
  const order = ['select', 'insert', 'update', 'delete', 'execute', 'define'] as const;
  const tables = listOf(scope, 'tables').includes('*') ? words.everything : named(scope, 'tables');
  const reads = verbs.includes('select');
  return [
    ...order
      .filter((verb) => verbs.includes(verb))
      .map((verb) => words.data[verb](verb === 'select' || !reads ? tables : undefined)),
    ...verbs.filter((verb) => !order.some((known) => known === verb)).map((verb) => words.other(quoted(verb), tables)),
  ];
};
