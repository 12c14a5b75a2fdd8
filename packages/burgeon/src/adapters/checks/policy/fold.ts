import { type Scope, resolve } from './scopes.ts';
import { type SyntaxNode, bare, nodeIn, nodesIn } from './syntax.ts';

/** What folding can know. */
type Folded = string | number | bigint | boolean | null | undefined | Folded[];

/** A known value, boxed because `undefined` is one too. */
interface Known {
  value: Folded;
}

const depthLimit = 24;
const textLimit = 4_096;
const stepLimit = 2_000;

/**
 * The value of an expression when it is plain from the code: literals, templates, arithmetic of constants, constants by name, and the
 * string and array methods with which words are usually taken apart and put together. Undefined when it cannot be told.
 */
const fold = (node: SyntaxNode, place: Place): Known | undefined => {
  if (place.depth > depthLimit || place.budget.steps-- <= 0) return undefined;
  const at = bare(node);
  const deeper = { ...place, depth: place.depth + 1 };
  const known = byType[at.type]?.(at, (child) => child && fold(child, deeper), place);
  return known && tooLong(known.value) ? undefined : known;
};

/** Where folding stands. `budget` is shared by one whole folding. */
interface Place {
  scope: Scope;
  depth: number;
  budget: { steps: number; sure: boolean };
}

type Inner = (child: SyntaxNode | undefined) => Known | undefined;
type Folder = (node: SyntaxNode, inner: Inner, place: Place) => Known | undefined;

const byType: Record<string, Folder> = {
  Literal: ({ value }) => (isFolded(value) ? { value } : undefined),
  TemplateLiteral: (node, inner) => template(nodesIn(node, 'quasis'), all(nodesIn(node, 'expressions'), inner)),
  TaggedTemplateExpression: (node, inner, { scope }) => {
    const quasi = nodeIn(node, 'quasi');
    if (!quasi || !isRaw(node, scope)) return undefined;
    return template(nodesIn(quasi, 'quasis'), all(nodesIn(quasi, 'expressions'), inner), 'raw');
  },
  ArrayExpression: (node, inner) => {
    const items = all(node['elements'] as SyntaxNode[], inner);
    return items && { value: items };
  },
  SequenceExpression: (node, inner) => inner(nodesIn(node, 'expressions').at(-1)),
  UnaryExpression: (node, inner) => unary(node['operator'] as string, inner(nodeIn(node, 'argument'))),
  BinaryExpression: (node, inner) =>
    binary(node['operator'] as string, inner(nodeIn(node, 'left')), inner(nodeIn(node, 'right'))),
  LogicalExpression: (node, inner) => logical(node, inner),
  ConditionalExpression: (node, inner) => {
    const test = inner(nodeIn(node, 'test'));
    return test && inner(nodeIn(node, test.value ? 'consequent' : 'alternate'));
  },
  AssignmentExpression: (node, inner) => (node['operator'] === '=' ? inner(nodeIn(node, 'right')) : undefined),
  Identifier: (node, _inner, place) => constant(node['name'] as string, place),
  MemberExpression: member,
  CallExpression: call,
};

const all = (nodes: (SyntaxNode | null)[], inner: Inner): Folded[] | undefined => {
  const values: Folded[] = [];
  for (const node of nodes) {
    if (node?.type === 'SpreadElement') {
      const spread = inner(nodeIn(node, 'argument'))?.value;
      if (typeof spread !== 'string' && !Array.isArray(spread)) return undefined;
      values.push(...Array.from(spread));
      continue;
    }
    const known = node === null ? { value: undefined } : inner(node);
    if (!known) return undefined;
    values.push(known.value);
  }
  return values;
};

const template = (quasis: SyntaxNode[], values: Folded[] | undefined, form: 'cooked' | 'raw' = 'cooked'): Known | undefined => {
  if (!values) return undefined;
  const texts = quasis.map((quasi) => (quasi['value'] as Record<'cooked' | 'raw', string | null>)[form] ?? '');
  return { value: texts.map((text, index) => text + (index < values.length ? textOf(values[index]) : '')).join('') };
};

const isRaw = (node: SyntaxNode, scope: Scope): boolean => {
  const tag = nodeIn(node, 'tag');
  if (tag?.type !== 'MemberExpression' || tag['computed'] === true || nodeIn(tag, 'property')?.['name'] !== 'raw') return false;
  const holder = nodeIn(tag, 'object')?.['name'];
  return holder === 'String' && !resolve('String', scope);
};

/** The language's own conversion to text. */
const textOf = (value: Folded): string => String(value);

const tooLong = (value: Folded): boolean => (typeof value === 'string' || Array.isArray(value)) && value.length > textLimit;

const unary = (operator: string, known: Known | undefined): Known | undefined => {
  if (operator === 'void') return { value: undefined };
  if (!known) return undefined;
  const primitive = Array.isArray(known.value) ? textOf(known.value) : known.value;
  if (operator === '!') return { value: !known.value };
  if (operator === 'typeof') return { value: typeof known.value };
  if (typeof primitive === 'bigint') return undefined;
  if (operator === '+') return { value: Number(primitive) };
  return operator === '-' ? { value: -Number(primitive) } : undefined;
};

const binary = (operator: string, left: Known | undefined, right: Known | undefined): Known | undefined => {
  if (!left || !right) return undefined;
  const [a, b] = [left.value, right.value].map((value) => (Array.isArray(value) ? textOf(value) : value)) as [Folded, Folded];
  if (operator === '+' && (typeof a === 'string' || typeof b === 'string')) return { value: textOf(a) + textOf(b) };
  // Big integers have an arithmetic of their own.
  if (typeof a === 'bigint' || typeof b === 'bigint') return undefined;
  return operator === '+' ? { value: Number(a) + Number(b) } : arithmetic(operator, Number(a), Number(b));
};

const arithmetic = (operator: string, a: number, b: number): Known | undefined => {
  if (operator === '-') return { value: a - b };
  if (operator === '*') return { value: a * b };
  if (operator === '/') return { value: a / b };
  if (operator === '%') return { value: a % b };
  return operator === '^' ? { value: a ^ b } : undefined;
};

const logical = (node: SyntaxNode, inner: Inner): Known | undefined => {
  const left = inner(nodeIn(node, 'left'));
  if (!left) return undefined;
  const decided = node['operator'] === '??' ? (left.value ?? null) !== null : Boolean(left.value) === (node['operator'] === '||');
  return decided ? left : inner(nodeIn(node, 'right'));
};

function constant(name: string, place: Place): Known | undefined {
  const binding = resolve(name, place.scope);
  if (!binding) return name === 'undefined' ? { value: undefined } : undefined;
  if (binding.written || !binding.value) return undefined;
  const known = fold(binding.value, { ...place, scope: binding.scope, depth: place.depth + 1 });
  if (Array.isArray(known?.value)) place.budget.sure = false;
  return known;
}

function member(node: SyntaxNode, inner: Inner, place: Place): Known | undefined {
  const key =
    node['computed'] === true ? inner(nodeIn(node, 'property')) : { value: nodeIn(node, 'property')?.['name'] as string };
  const object = nodeIn(node, 'object');
  if (!key || !object) return undefined;
  const name = textOf(key.value);
  const holder = inner(object)?.value;
  if (typeof holder === 'string' || Array.isArray(holder)) {
    if (name === 'length') return { value: holder.length };
    return /^\d+$/.test(name) ? { value: (holder as ArrayLike<Folded>)[Number(name)] } : undefined;
  }
  return propertyOf(object, name, inner, place);
}

/** `({ a: 'x' }).a`, also through a constant. */
const propertyOf = (object: SyntaxNode, name: string, inner: Inner, place: Place): Known | undefined => {
  const binding = bare(object).type === 'Identifier' ? resolve(bare(object)['name'] as string, place.scope) : undefined;
  place.budget.sure = false;
  const holder = binding?.value && !binding.written ? bare(binding.value) : bare(object);
  if (holder.type !== 'ObjectExpression') return undefined;
  const property = nodesIn(holder, 'properties').findLast((each) => {
    const key = nodeIn(each, 'key');
    return key !== undefined && each['computed'] !== true && (key['name'] ?? key['value']) === name;
  });
  return property && inner(nodeIn(property, 'value'));
};

/** Methods that only rearrange. The language's own are run, so that folding never differs from what the code would do. */
const rearranging: Record<'string' | 'array', ReadonlySet<string>> = {
  string: new Set(
    (
      'at charAt charCodeAt codePointAt concat endsWith includes indexOf lastIndexOf normalize padEnd padStart repeat replace replaceAll slice ' +
      'split startsWith substr substring toLowerCase toString toUpperCase trim trimEnd trimStart valueOf'
    ).split(' '),
  ),
  array: new Set('at concat flat includes indexOf join lastIndexOf slice toReversed toSorted toString reverse with'.split(' ')),
};

/** Methods whose result may be far longer than what they are given; the first argument says how long. */
const stretching: Record<string, (length: number, asked: number) => number> = {
  repeat: (length, asked) => length * asked,
  padStart: (_, asked) => asked,
  padEnd: (_, asked) => asked,
};

const rearranged = (self: string | Folded[], name: string, args: Folded[]): Known | undefined => {
  if (!rearranging[Array.isArray(self) ? 'array' : 'string'].has(name)) return undefined;
  const stretch = Object.hasOwn(stretching, name) ? stretching[name] : undefined;
  if (stretch && !(stretch(self.length, Number(args[0])) <= textLimit)) return undefined;
  const prototype: object = Array.isArray(self) ? Array.prototype : String.prototype;
  return attempt(() => Reflect.apply(Reflect.get(prototype, name) as () => Folded, Array.isArray(self) ? [...self] : self, args));
};

/** Functions by the name they have in the language, run as they are. */
const functions: Record<string, (...args: never[]) => unknown> = {
  String,
  Number,
  parseInt,
  parseFloat,
  atob,
  decodeURIComponent,
  decodeURI,
  unescape: Reflect.get(globalThis, 'unescape') as (text: string) => string,
  'String.fromCharCode': String.fromCharCode,
  'String.fromCodePoint': String.fromCodePoint,
  'JSON.parse': (text: string): unknown => JSON.parse(text),
  'Array.of': (...items: Folded[]) => items,
  'Array.from': (items: Folded, ...more: Folded[]) =>
    more.length === 0 && (typeof items === 'string' || Array.isArray(items)) ? Array.from(items) : {},
};

/** What a function gives, when it gives something that folding knows; one that throws here would throw there. */
const attempt = (run: () => unknown): Known | undefined => {
  try {
    const value = run();
    return isFolded(value) ? { value } : undefined;
  } catch {
    return undefined;
  }
};

const isFolded = (value: unknown): value is Folded =>
  value === null ||
  ['string', 'number', 'bigint', 'boolean', 'undefined'].includes(typeof value) ||
  (Array.isArray(value) && value.every(isFolded));

function call(node: SyntaxNode, inner: Inner, { scope }: Place): Known | undefined {
  const callee = bare(nodeIn(node, 'callee') ?? node);
  const args = all(node['arguments'] as SyntaxNode[], inner);
  if (!args) return undefined;
  const name = callee.type === 'Identifier' ? (callee['name'] as string) : methodName(callee, inner);
  if (name === undefined) return undefined;
  const object = callee.type === 'MemberExpression' ? bare(nodeIn(callee, 'object') ?? callee) : undefined;
  const global = globalName(object, name, scope);
  if (global !== undefined && Object.hasOwn(functions, global))
    return attempt(() => Reflect.apply(functions[global] as () => unknown, undefined, args));
  const self = object && inner(object)?.value;
  if (typeof self !== 'string' && !Array.isArray(self)) return undefined;
  return rearranged(self, name, args);
}

const globalName = (object: SyntaxNode | undefined, name: string, scope: Scope): string | undefined => {
  if (!object) return resolve(name, scope) ? undefined : name;
  if (object.type !== 'Identifier' || resolve(object['name'] as string, scope)) return undefined;
  return `${object['name'] as string}.${name}`;
};

const methodName = (callee: SyntaxNode, inner: Inner): string | undefined => {
  if (callee.type !== 'MemberExpression') return undefined;
  const property = nodeIn(callee, 'property');
  if (callee['computed'] !== true) return property?.['name'] as string | undefined;
  const key = inner(property);
  return key && textOf(key.value);
};

/** The property name a computed key stands for when folding tells; `sure` is false when a list or record it came from may have changed. */
export const foldedName = (key: SyntaxNode, scope: Scope): { name: string; sure: boolean } | undefined => {
  const budget = { steps: stepLimit, sure: true };
  const known = fold(key, { scope, depth: 0, budget });
  return known && { name: textOf(known.value), sure: budget.sure };
};

/** The name of the member that is read, also in brackets; undefined when it is no member or its name cannot be told. */
export const memberName = (node: SyntaxNode, scope: Scope): string | undefined => {
  const property = node.type === 'MemberExpression' ? nodeIn(node, 'property') : undefined;
  if (!property) return undefined;
  return node['computed'] === true ? foldedName(property, scope)?.name : (property['name'] as string);
};
