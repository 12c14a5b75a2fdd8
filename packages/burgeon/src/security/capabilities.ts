import type { Capability, Diagnostic, JsonObject, JsonValue } from '@burgeon/kit';
import { canonicalJson, digestOf, isObject } from '../base/json.ts';
import { canonicalPlace, placeIncludes } from './places.ts';

/** How one part of a scope is written and compared. */
interface FieldRule {
  /**
   * `words`: texts of which each must be granted; `patterns`: the same, a granted `*` standing for anything; `places`: hosts with what may
   * stand around them; `word`: one text, equal; `steps`: one of an ordered list, a later one includes the earlier; `amount`: a number, at most the granted.
   */
  form: 'words' | 'patterns' | 'places' | 'word' | 'steps' | 'amount' | 'flag';
  required?: boolean;
  /** Allowed texts, from the least to the most for `steps`. */
  values?: readonly string[];
  /** How a text is written canonically. */
  letters?: 'lower' | 'upper';
}

const words = (rule: Partial<FieldRule> = {}): FieldRule => ({ form: 'words', ...rule });
const patterns = (rule: Partial<FieldRule> = {}): FieldRule => ({ form: 'patterns', ...rule });
const places = (rule: Partial<FieldRule> = {}): FieldRule => ({ form: 'places', ...rule });
const required = true;
const verbs = ['select', 'insert', 'update', 'delete', 'execute', 'define'] as const;

/** What can be done with a topic: send to all who take it, take what is sent, ask the one who answers. */
export const busVerbs = ['publish', 'subscribe', 'request'] as const;

/** The vocabulary: each kind of capability and the parts of its scope. What a scope leaves out is not narrowed. */
export const vocabulary: Readonly<Record<string, Readonly<Record<string, FieldRule>>>> = {
  'net.http': {
    hosts: places({ required }),
    methods: words({ letters: 'upper' }),
    paths: patterns(),
    private: { form: 'flag' },
    unencrypted: { form: 'flag' },
  },
  'net.socket': { hosts: places({ required }), private: { form: 'flag' } },
  db: {
    ref: { form: 'word', required },
    tables: patterns({ required }),
    verbs: words({ required, values: verbs, letters: 'lower' }),
  },
  bus: { topics: patterns({ required }), verbs: words({ values: busVerbs, letters: 'lower' }) },
  fs: { globs: patterns({ required }), mode: { form: 'steps', required, values: ['read', 'write'] } },
  'secret.use': { names: words({ required }) },
  model: { classes: words({ required }), budget: { form: 'amount' } },
  'module.call': { ids: patterns({ required }) },
  clock: {},
  random: {},
};

/** What changed between two lists of capabilities. `widened` reach further than one that was there; `removed` are no longer wholly covered. */
export interface CapabilityDifference {
  added: Capability[];
  removed: Capability[];
  widened: Capability[];
}

/** Judges one capability: is its kind known, and is its scope written as the vocabulary says. */
export const checkCapability = (capability: Capability): Diagnostic[] => {
  const { kind, scope } = capability;
  if (typeof kind !== 'string' || !Object.hasOwn(vocabulary, kind)) {
    return [judgement('capability-unknown', `There is no capability "${String(kind)}".`, '/kind')];
  }
  if (!isObject(scope)) return [judgement('capability-scope', 'The scope is not an object.', '/scope')];
  const fields = vocabulary[kind] ?? {};
  const unknown = Object.keys(scope).filter((name) => !Object.hasOwn(fields, name));
  return [
    ...unknown.map((name) => judgement('capability-scope', `${kind} has no part "${name}".`, `/scope/${name}`)),
    ...Object.entries(fields).flatMap(([name, rule]) => {
      const value = Object.hasOwn(scope, name) ? scope[name] : undefined;
      const fault = value === undefined ? (rule.required ? 'is missing' : undefined) : faultOf(value, rule);
      return fault === undefined ? [] : [judgement('capability-scope', `${kind}: "${name}" ${fault}.`, `/scope/${name}`)];
    }),
  ];
};

/** The same capabilities written in one way: texts sorted and single, letters as the vocabulary writes them, kinds in order. */
export const canonicalCapabilities = (list: readonly Capability[]): Capability[] => {
  const byText = new Map(list.map(canonical).map((capability) => [canonicalJson(capability), capability]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, capability]) => capability);
};

/** sha-256 (hex) over the canonical capabilities: what `Candidate.capabilitiesDigest` holds and people approve. */
export const capabilitiesDigest = (list: readonly Capability[]): string => digestOf(canonicalCapabilities(list));

/** True when the grants together allow everything that is wanted. An unknown kind is never covered. */
export const covers = (grants: readonly Capability[], wanted: Capability): boolean => {
  const want = canonical(wanted);
  const alike = grants.filter(({ kind }) => kind === want.kind).map(canonical);
  if (alike.some((grant) => includes(grant, want))) return true;
  return alike.length > 1 && (singles(want)?.every((single) => alike.some((grant) => includes(grant, single))) ?? false);
};

/** Pieces into which a capability is taken apart at most. */
const mostSingles = 2_000;

/** A capability as many, in which each list holds one text; undefined when they would be too many. Together they are what it is. */
const singles = ({ kind, scope }: Capability): Capability[] | undefined => {
  let scopes: JsonObject[] = [{}];
  for (const [name, value] of Object.entries(scope)) {
    const values = Array.isArray(value) ? value.map((item) => [item]) : [value];
    if (scopes.length * values.length > mostSingles) return undefined;
    scopes = scopes.flatMap((each) => values.map((one) => ({ ...each, [name]: one })));
  }
  return scopes.map((each) => ({ kind, scope: each }));
};

/** Compares what a version may do with what the one before it may. */
export const diffCapabilities = (before: readonly Capability[], after: readonly Capability[]): CapabilityDifference => {
  const [old, now] = [canonicalCapabilities(before), canonicalCapabilities(after)];
  // What stayed as it was is no difference, also where the vocabulary does not know it.
  const [had, has] = [new Set(old.map(canonicalJson)), new Set(now.map(canonicalJson))];
  const more = now.filter((capability) => !had.has(canonicalJson(capability)) && !covers(old, capability));
  const widened = more.filter((capability) => old.some((one) => related(one, capability)));
  return {
    added: more.filter((capability) => !widened.includes(capability)),
    widened,
    removed: old.filter((capability) => !has.has(canonicalJson(capability)) && !covers(now, capability)),
  };
};

const judgement = (code: string, message: string, path: string): Diagnostic => ({
  severity: 'error',
  code,
  message,
  path,
  from: 'capabilities',
});

const faultOf = (value: JsonValue, rule: FieldRule): string | undefined => {
  switch (rule.form) {
    case 'flag':
      return typeof value === 'boolean' ? undefined : 'is neither true nor false';
    case 'amount':
      return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? undefined : 'is no amount';
    case 'word':
    case 'steps':
      return faultOfText(value, rule);
    default:
      if (!Array.isArray(value) || value.length === 0 || value.length > 10_000) return 'is not a list of 1 to 10,000 texts';
      return value.map((item) => faultOfText(item, rule)).find((fault) => fault !== undefined);
  }
};

const faultOfText = (value: JsonValue, rule: FieldRule): string | undefined => {
  if (typeof value !== 'string' || value === '' || value.length > 2_000)
    return 'holds something that is no text of 1 to 2,000 characters';
  if (rule.form === 'places' && canonicalPlace(value) === undefined)
    return `holds ${JSON.stringify(value.slice(0, 255))}, which is no host`;
  const known = rule.values === undefined || rule.values.includes(inLetters(value, rule));
  return known ? undefined : `knows only ${rule.values?.join(', ')}`;
};

const inLetters = (value: string, { letters, form }: FieldRule): string => {
  if (form === 'places') return canonicalPlace(value) ?? value.toLowerCase();
  return letters === 'lower' ? value.toLowerCase() : letters === 'upper' ? value.toUpperCase() : value;
};

const fieldsOf = (kind: string): Readonly<Record<string, FieldRule>> =>
  Object.hasOwn(vocabulary, kind) ? (vocabulary[kind] ?? {}) : {};

const canonical = ({ kind, scope }: Capability): Capability => {
  const fields = fieldsOf(kind);
  const written = Object.entries(isObject(scope) ? scope : {}).map(([name, value]): [string, JsonValue] => {
    const rule = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return [name, rule === undefined ? value : canonicalValue(value, rule)];
  });
  // fromEntries defines: a part called __proto__ stays an ordinary one.
  return { kind, scope: Object.fromEntries(written.filter(([, value]) => value !== undefined)) as JsonObject };
};

const canonicalValue = (value: JsonValue, rule: FieldRule): JsonValue => {
  if (typeof value === 'string') return inLetters(value, rule);
  if (!Array.isArray(value)) return value;
  const texts = value.map((item) => (typeof item === 'string' ? inLetters(item, rule) : canonicalJson(item)));
  return [...new Set(texts)].sort();
};

const includes = (grant: Capability, want: Capability): boolean => {
  if (grant.kind !== want.kind || !Object.hasOwn(vocabulary, want.kind)) return false;
  return Object.entries(fieldsOf(want.kind)).every(([name, rule]) => partIncludes(part(grant, name), part(want, name), rule));
};

const part = ({ scope }: Capability, name: string): JsonValue | undefined =>
  Object.hasOwn(scope, name) ? scope[name] : undefined;

const partIncludes = (grant: JsonValue | undefined, want: JsonValue | undefined, rule: FieldRule): boolean => {
  if (rule.form === 'flag') return grant === true || want !== true;
  if (grant === undefined) return true;
  if (want === undefined) return false;
  if (rule.form === 'amount') return typeof grant === 'number' && typeof want === 'number' && want <= grant;
  if (rule.form === 'steps') return stepOf(rule, want) <= stepOf(rule, grant);
  if (rule.form === 'word') return grant === want;
  if (!Array.isArray(grant) || !Array.isArray(want)) return false;
  const exact = new Set(grant);
  const open = openTexts(grant, rule);
  const matches = rule.form === 'places' ? placeIncludes : patternIncludes;
  return want.every((item) => exact.has(item) || (typeof item === 'string' && open.some((pattern) => matches(pattern, item))));
};

/** What of a grant may include other texts than its own. */
const openTexts = (grant: readonly JsonValue[], { form }: FieldRule): string[] => {
  if (form === 'places') return textsOf(grant);
  return form === 'patterns' ? textsOf(grant).filter((item) => item.includes('*')) : [];
};

const textsOf = (list: readonly JsonValue[]): string[] => list.filter((item) => typeof item === 'string');

const stepOf = (rule: FieldRule, value: JsonValue): number => {
  const step = typeof value === 'string' ? (rule.values?.indexOf(value) ?? -1) : -1;
  return step === -1 ? Number.NaN : step;
};

/** `*` alone, at the start (`*.example.com`: exactly one label) or at the end (`orders.*`). A star elsewhere stands for itself. */
export const patternIncludes = (pattern: string, text: string): boolean => {
  if (pattern === '*' || pattern === '**') return true;
  if (pattern.startsWith('*.')) {
    const label = text.slice(0, Math.max(0, text.length - pattern.length + 1));
    return text.endsWith(pattern.slice(1)) && label !== '' && !/[.*]/.test(label);
  }
  const prefix = pattern.replace(/\*{1,2}$/, '');
  return prefix !== pattern && !prefix.includes('*') && text.startsWith(prefix) && !text.includes('..');
};

const related = (old: Capability, now: Capability): boolean => {
  if (old.kind !== now.kind) return false;
  return Object.entries(fieldsOf(now.kind))
    .filter(([, rule]) => rule.required)
    .every(([name, rule]) => {
      const [a, b] = [part(old, name), part(now, name)];
      if (!Array.isArray(a) || !Array.isArray(b)) return rule.form === 'steps' || a === b;
      const known = new Set(a);
      return b.some((item) => known.has(item));
    });
};
