import { foldedName, memberName } from './fold.ts';
import { argument, calleeName, isDeclared, isLookedAt, isPlainRead, isTested, isWritten, keptAs, methodRead } from './looks.ts';
import { conversions, dangerousMembers } from './names.ts';
import { type Place, freeName, isOwnMaker, resolve } from './scopes.ts';
import { type SyntaxNode, bare, nodeIn, nodesIn } from './syntax.ts';

/** What is to be thought of a member with a dangerous name, where it stands. */
export type Verdict = 'refused' | 'guarded' | 'harmless';

/**
 * Judges the use of a member through which values lead to the makers of code. To look is harmless: `x.constructor.name`,
 * `Object.getPrototypeOf(x) === null`; to hold, to call or to hand on is not. What only shapes the module's own values is left to the walls.
 */
export const judgeMember = (node: SyntaxNode, name: string, place: Place): Verdict => {
  if (isTested(node, place)) return 'harmless';
  const judge = Object.hasOwn(judges, name) ? judges[name] : undefined;
  const verdict = judge ? judge(node, place) : 'refused';
  return verdict === 'refused' && isOwnData(node, name, place) ? 'guarded' : verdict;
};

const guardedCall = (node: SyntaxNode, place: Place): Verdict => (callOf(node, place) ? 'guarded' : 'refused');

const judges: Record<string, (node: SyntaxNode, place: Place) => Verdict> = {
  constructor: judgeConstructor,
  prototype: judgePrototype,
  getPrototypeOf: (node, place) => {
    const call = callOf(node, place);
    return call && isLookedAt(call, place) ? 'harmless' : 'refused';
  },
  // Whose prototype or members are set is judged with the call; the language itself is frozen.
  setPrototypeOf: guardedCall,
  defineProperty: guardedCall,
  defineProperties: guardedCall,
  getOwnPropertyDescriptors: guardedCall,
  getOwnPropertyDescriptor: (node, place) => {
    const call = callOf(node, place);
    const key = argument(call, 1);
    const name = key && foldedName(key, place.scope)?.name;
    if (!call || (name !== undefined && dangerousMembers.has(name))) return 'refused';
    return isLookedAt(call, place) || readsFlag(call, place) ? 'harmless' : 'guarded';
  },
};

/** The call of a method of the free `Object`; undefined for a method that is only named. */
const callOf = (member: SyntaxNode, { scopes, scope }: Place): SyntaxNode | undefined => {
  const outer = scopes.around(member);
  const holder = nodeIn(member, 'object');
  const called = outer?.type === 'CallExpression' && bare(nodeIn(outer, 'callee') ?? outer) === member;
  return called && holder && freeName(holder, scope) === 'Object' ? outer : undefined;
};

function judgeConstructor(node: SyntaxNode, place: Place): Verdict {
  if (isLookedAt(node, place) || isRenewed(node, place)) return 'harmless';
  if (isMadeAgain(node, place) || isLookedUp(node, place)) return 'guarded';
  if (nodeIn(node, 'object')?.type !== 'ThisExpression') return 'refused';
  const own = judgeOwnClass(node, place);
  return own === 'refused' && isNewOwn(node, place) ? 'guarded' : own;
}

/** `new value.constructor()` and `new value.constructor(value)`, by which values are copied: no text of others comes in. */
const isMadeAgain = (node: SyntaxNode, place: Place): boolean => {
  const outer = place.scopes.around(node);
  if (!outer || !isNewOwn(node, place)) return false;
  const value = bare(nodeIn(node, 'object') ?? node);
  const given = nodesIn(outer, 'arguments').map(bare);
  return value.type === 'Identifier' && given.every((each) => each.type === 'Identifier' && each['name'] === value['name']);
};

/** `handlers.get(event.constructor)`: the key under which something is kept. */
const isLookedUp = (node: SyntaxNode, { scopes, scope }: Place): boolean => {
  const outer = scopes.around(node);
  if (outer?.type !== 'CallExpression' || argument(outer, 0) !== node || nodesIn(outer, 'arguments').length > 1) return false;
  return /^(?:get|has)$/.test(memberName(bare(nodeIn(outer, 'callee') ?? outer), scope) ?? '');
};

/** `race.constructor` after `const race = { constructor: 'McLaren' }`: a word of data like any other. */
const isOwnData = (node: SyntaxNode, name: string, { scope }: Place): boolean => {
  const holder = bare(nodeIn(node, 'object') ?? node);
  const binding = holder.type === 'Identifier' ? resolve(holder['name'] as string, scope) : undefined;
  const data = binding?.value && !binding.written ? bare(binding.value) : undefined;
  // In a literal, `__proto__` is no member.
  if (data?.type !== 'ObjectExpression' || name === '__proto__') return false;
  return nodesIn(data, 'properties').some((each) => {
    const key = each['computed'] === true ? undefined : nodeIn(each, 'key');
    return (key?.['name'] ?? key?.['value']) === name;
  });
};

/** `this.constructor` leads to the class itself: its static members may be read. */
const judgeOwnClass = (node: SyntaxNode, place: Place): Verdict => {
  if (isPlainRead(node, place)) return 'harmless';
  const binding = keptAs(node, place);
  const kept = binding?.uses.every((use) => isDeclared(use, place) || isPlainRead(use, place) || isNewOwn(use, place));
  return kept ? 'guarded' : 'refused';
};

const isNewOwn = (node: SyntaxNode, { scopes }: Place): boolean => {
  const outer = scopes.around(node);
  return outer?.type === 'NewExpression' && bare(nodeIn(outer, 'callee') ?? outer) === node;
};

/** `Dog.prototype.constructor = Dog`, for functions of the module itself. */
const isRenewed = (node: SyntaxNode, { scopes, scope }: Place): boolean => {
  const prototype = bare(nodeIn(node, 'object') ?? node);
  const outer = scopes.around(node);
  const value = outer?.type === 'AssignmentExpression' ? nodeIn(outer, 'right') : undefined;
  const maker = prototype.type === 'MemberExpression' ? nodeIn(prototype, 'object') : undefined;
  return (
    value !== undefined && maker !== undefined && isWritten(node, scopes) && isOwnMaker(maker, scope) && isOwnMaker(value, scope)
  );
};

function judgePrototype(node: SyntaxNode, place: Place): Verdict {
  const outer = place.scopes.around(node);
  if (!outer || isOwnPrototype(node, place) || isLookedAt(node, place)) return outer ? 'harmless' : 'refused';
  const method = methodRead(node, place);
  if (method) return method === 'called' ? 'guarded' : 'harmless';
  if (outer.type === 'CallExpression' && calleeName(outer, place) === 'Object.setPrototypeOf')
    return argument(outer, 1) === node ? 'harmless' : 'refused';
  const holder = bare(nodeIn(node, 'object') ?? node);
  const lent =
    holder.type === 'Identifier' && freeName(holder, place.scope) === holder['name'] && isLender(holder['name'] as string);
  return lent && takesMethods(outer, node) ? 'harmless' : 'refused';
}

/** Makers of values whose methods are commonly borrowed: `Object.prototype.hasOwnProperty.call(...)`. */
const isLender = (name: string): boolean =>
  /^[A-Z]/.test(name) && (name === 'String' || name === 'Number' || !conversions.has(name));

/** `const { hasOwnProperty } = Object.prototype`; the names are judged as those of any pattern. */
const takesMethods = (outer: SyntaxNode, node: SyntaxNode): boolean => {
  const pattern =
    outer.type === 'VariableDeclarator' && bare(nodeIn(outer, 'init') ?? outer) === node ? nodeIn(outer, 'id') : undefined;
  if (pattern?.type !== 'ObjectPattern') return false;
  return nodesIn(pattern, 'properties').every((each) => each.type === 'Property' && each['computed'] !== true);
};

/** `new.target.prototype`, or that of a function or class of the module. */
const isOwnPrototype = (node: SyntaxNode, { scope }: Place): boolean => {
  const holder = node.type === 'MemberExpression' && node['computed'] !== true ? bare(nodeIn(node, 'object') ?? node) : undefined;
  if (!holder || nodeIn(node, 'property')?.['name'] !== 'prototype') return false;
  return (holder.type === 'MetaProperty' && nodeIn(holder, 'meta')?.['name'] === 'new') || isOwnMaker(holder, scope);
};

const descriptorFlags = new Set(['enumerable', 'configurable', 'writable']);

const readsFlag = (call: SyntaxNode, { scopes }: Place): boolean => {
  const outer = scopes.around(call);
  return (
    outer?.type === 'MemberExpression' &&
    outer['computed'] !== true &&
    descriptorFlags.has(String(nodeIn(outer, 'property')?.['name']))
  );
};
