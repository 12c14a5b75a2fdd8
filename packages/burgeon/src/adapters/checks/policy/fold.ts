import { type Scope, resolve } from './scopes.ts';
import { type SyntaxNode, bare, nodeIn, nodesIn } from './syntax.ts';

/** What folding can know. */
type Folded = string | number | boolean | null | undefined | Folded[];

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
  Literal: (node) => (typeof node['value'] === 'object' && node['value'] !== null ? undefined : literal(node)),
  TemplateLiteral: (node, inner) => template(nodesIn(node, 'quasis'), all(nodesIn(node, 'expressions'), inner)),
  TaggedTemplateExpression: (node, inner) => (isRaw(node) ? inner(nodeIn(node, 'quasi')) : undefined),
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

const literal = (node: SyntaxNode): Known => ({
  value: typeof node['value'] === 'bigint' ? String(node['value']) : (node['value'] as Folded),
});

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

const template = (quasis: SyntaxNode[], values: Folded[] | undefined): Known | undefined => {
  if (!values) return undefined;
  const texts = quasis.map((quasi) => (quasi['value'] as { cooked: string | null }).cooked ?? '');
  return { value: texts.map((text, index) => text + (index < values.length ? textOf(values[index]) : '')).join('') };
};

const isRaw = (node: SyntaxNode): boolean => {
  const tag = nodeIn(node, 'tag');
  return tag?.type === 'MemberExpression' && nodeIn(tag, 'property')?.['name'] === 'raw';
};

/** JavaScript's own conversion to text, for the values there are here. */
const textOf = (value: Folded): string =>
  Array.isArray(value) ? value.map((item) => textOf(item ?? '')).join(',') : String(value);

const tooLong = (value: Folded): boolean => (typeof value === 'string' || Array.isArray(value)) && value.length > textLimit;

const unary = (operator: string, known: Known | undefined): Known | undefined => {
  if (operator === 'void') return { value: undefined };
  if (!known) return undefined;
  const primitive = Array.isArray(known.value) ? textOf(known.value) : known.value;
  if (operator === '!') return { value: Array.isArray(known.value) ? false : !known.value };
  if (operator === '+') return { value: Number(primitive) };
  if (operator === '-') return { value: -Number(primitive) };
  return operator === 'typeof' ? { value: Array.isArray(known.value) ? 'object' : typeof known.value } : undefined;
};

const binary = (operator: string, left: Known | undefined, right: Known | undefined): Known | undefined => {
  if (!left || !right) return undefined;
  const [a, b] = [left.value, right.value].map((value) => (Array.isArray(value) ? textOf(value) : value)) as [Folded, Folded];
  if (operator !== '+') return arithmetic(operator, Number(a), Number(b));
  return { value: typeof a === 'string' || typeof b === 'string' ? textOf(a) + textOf(b) : Number(a) + Number(b) };
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

/** Methods of strings and arrays that only rearrange; each runs on short constants only. */
type Method = (self: string | string[], args: Folded[]) => Folded;
const methods: Record<string, Method> = {
  join: (self, [mark]) => (Array.isArray(self) ? self.map(textOf).join(mark === undefined ? ',' : textOf(mark)) : undefined),
  split: (self, [mark]) => (Array.isArray(self) ? undefined : String(self).split(mark === undefined ? ',' : textOf(mark))),
  reverse: (self) => (Array.isArray(self) ? [...self].reverse() : undefined),
  toReversed: (self) => (Array.isArray(self) ? [...self].reverse() : undefined),
  concat: (self, args) => (Array.isArray(self) ? [...self, ...args.flat()] : String(self) + args.map(textOf).join('')),
  slice: (self, [from, to]) => self.slice(Number(from ?? 0), to === undefined ? undefined : Number(to)),
  substring: (self, [from, to]) => String(self).substring(Number(from ?? 0), to === undefined ? undefined : Number(to)),
  substr: (self, [from, count]) =>
    String(self).slice(Number(from ?? 0), count === undefined ? undefined : Number(from ?? 0) + Number(count)),
  at: (self, [index]) => self.at(Number(index ?? 0)),
  charAt: (self, [index]) => String(self).charAt(Number(index ?? 0)),
  toLowerCase: (self) => String(self).toLowerCase(),
  toUpperCase: (self) => String(self).toUpperCase(),
  trim: (self) => String(self).trim(),
  toString: (self: string | string[]) => textOf(self),
  valueOf: (self: string | string[]) => self,
  normalize: (self) => String(self).normalize('NFKC'),
  replace: (self, [from, to]) => String(self).replace(textOf(from), () => textOf(to)),
  replaceAll: (self, [from, to]) => String(self).replaceAll(textOf(from), () => textOf(to)),
  padStart: (self, [length, fill]) => String(self).padStart(Math.min(textLimit, Number(length)), textOf(fill ?? ' ')),
  repeat: (self, [count]) => String(self).repeat(Math.max(0, Math.min(16, Number(count) || 0))),
};

/** Functions by the name they have in the language. */
const functions: Record<string, (args: Folded[]) => Folded> = {
  String: ([value]) => textOf(value ?? ''),
  atob: ([text]) => Buffer.from(textOf(text), 'base64').toString('latin1'),
  decodeURIComponent: ([text]) => decoded(textOf(text)),
  decodeURI: ([text]) => decoded(textOf(text)),
  unescape: ([text]) => decoded(textOf(text)),
  'String.fromCharCode': (codes) => String.fromCharCode(...codes.map(Number)),
  'String.fromCodePoint': (codes) => String.fromCharCode(...codes.map(Number)),
  'JSON.parse': ([text]) => parsed(textOf(text)),
  'Array.of': (items) => items,
  'Array.from': ([items]) => (typeof items === 'string' ? Array.from(items) : items),
};

const decoded = (text: string): Folded => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

const parsed = (text: string): Folded => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? undefined : (value as Folded);
  } catch {
    return undefined;
  }
};

function call(node: SyntaxNode, inner: Inner, { scope }: Place): Known | undefined {
  const callee = bare(nodeIn(node, 'callee') ?? node);
  const args = all(node['arguments'] as SyntaxNode[], inner);
  if (!args) return undefined;
  const name = callee.type === 'Identifier' ? (callee['name'] as string) : memberName(callee, inner);
  if (name === undefined) return undefined;
  const object = callee.type === 'MemberExpression' ? bare(nodeIn(callee, 'object') ?? callee) : undefined;
  const global = globalName(object, name, scope);
  if (global !== undefined && Object.hasOwn(functions, global)) return box(functions[global]?.(args));
  const self = object && inner(object)?.value;
  if (typeof self !== 'string' && !Array.isArray(self)) return undefined;
  return Object.hasOwn(methods, name) ? box(methods[name]?.(self as string | string[], args)) : undefined;
}

/** What a method gives; `undefined` only says that it was not for this value. */
const box = (value: Folded): Known | undefined => (value === undefined ? undefined : { value });

const globalName = (object: SyntaxNode | undefined, name: string, scope: Scope): string | undefined => {
  if (!object) return resolve(name, scope) ? undefined : name;
  if (object.type !== 'Identifier' || resolve(object['name'] as string, scope)) return undefined;
  return `${object['name'] as string}.${name}`;
};

const memberName = (callee: SyntaxNode, inner: Inner): string | undefined => {
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
