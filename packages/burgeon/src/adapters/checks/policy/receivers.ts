import { type Finding, nothing } from './finding.ts';
import { type Place, type Scopes, resolve } from './scopes.ts';
import { type SyntaxNode, bare, children, isFunction, nodeIn, nodesIn } from './syntax.ts';

const message = '"this" is used where a careless engine would give the global object.';

const finding = (severity: Finding['severity'], node: SyntaxNode): Finding => ({
  rule: 'policy-global',
  severity,
  message,
  offset: node.start,
});

const refused = (node: SyntaxNode): Finding => finding('error', node);

/**
 * Finds `this` outside anything it could belong to: at the top of the module, in a function called where it is written, or returned from a
 * function that is no method. Strict code gives `undefined` there; who relies on more is looking for a way out. In other functions that
 * are neither methods nor makers it is told.
 */
export const judgeReceiver = (node: SyntaxNode, place: Place): readonly Finding[] => {
  if (node.type === 'Program') return receivers(node).map(refused);
  if (node.type === 'CallExpression') return calledInPlace(node).flatMap(receivers).map(refused);
  if (!isFunction(node) || node.type === 'ArrowFunctionExpression' || isMethod(node, place.scopes)) return nothing;
  if (isMaker(node, place) || isCalledInPlace(node, place.scopes)) return nothing;
  const found = receivers(node);
  const given = new Set(isMeantForThis(node) ? [] : found.filter((each) => isReturned(each, place.scopes)));
  return found.map((each) => finding(given.has(each) ? 'error' : 'warning', each));
};

/** A member of a class or an object, also one that is put there: `Stack.prototype.push = function () { ... }`. */
const isMethod = (node: SyntaxNode, scopes: Scopes): boolean => {
  const outer = scopes.around(node);
  if (outer?.type === 'AssignmentExpression') return nodeIn(outer, 'left')?.type === 'MemberExpression';
  return outer !== undefined && /^(?:MethodDefinition|PropertyDefinition|AccessorProperty|Property)$/.test(outer.type);
};

/** A function that is called with `new`, or that has methods. */
const isMaker = (node: SyntaxNode, { scopes, scope }: Place): boolean => {
  const outer = scopes.around(node);
  const id = nodeIn(node, 'id') ?? (outer?.type === 'VariableDeclarator' ? nodeIn(outer, 'id') : undefined);
  const binding = id?.type === 'Identifier' ? resolve(id['name'] as string, scope) : undefined;
  return binding?.uses.some((use) => isMade(use, scopes)) ?? false;
};

const isMade = (use: SyntaxNode, scopes: Scopes): boolean => {
  const outer = scopes.around(use);
  if (outer?.type === 'NewExpression') return nodeIn(outer, 'callee') === use;
  const name = outer?.type === 'MemberExpression' && outer['computed'] !== true ? nodeIn(outer, 'property')?.['name'] : undefined;
  return name === 'prototype';
};

/** A function that says what `this` is, or whose name says that it makes something. */
const isMeantForThis = (node: SyntaxNode): boolean => {
  const name = nodeIn(node, 'id')?.['name'];
  return nodesIn(node, 'params')[0]?.['name'] === 'this' || (typeof name === 'string' && /^[A-Z]/.test(name));
};

/** `(function () { ... })()` and the same with `.call` or `.apply` and nothing to be `this`. */
const calledInPlace = (call: SyntaxNode): SyntaxNode[] => {
  const callee = bare(nodeIn(call, 'callee') ?? call);
  if (callee.type === 'FunctionExpression') return [callee];
  if (callee.type !== 'MemberExpression' || callee['computed'] === true) return [];
  const method = nodeIn(callee, 'property')?.['name'];
  const object = bare(nodeIn(callee, 'object') ?? callee);
  const [receiver] = nodesIn(call, 'arguments');
  const nothing = receiver === undefined || receiver['raw'] === 'null' || receiver['name'] === 'undefined';
  return object.type === 'FunctionExpression' && (method === 'call' || method === 'apply') && nothing ? [object] : [];
};

/** Judged with the call. */
const isCalledInPlace = (node: SyntaxNode, scopes: Scopes): boolean => {
  const outer = scopes.around(node);
  const call = outer?.type === 'MemberExpression' ? scopes.around(outer) : outer;
  return call?.type === 'CallExpression' && calledInPlace(call).includes(node);
};

/** The `this` that belong to a function or to the module: arrows and blocks are looked through, other functions and classes are not. */
const receivers = (owner: SyntaxNode): SyntaxNode[] => {
  const found: SyntaxNode[] = [];
  const waiting = children(owner);
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node.type === 'ThisExpression') found.push(node);
    else if (node.type === 'ArrowFunctionExpression' || (!isFunction(node) && !node.type.startsWith('Class')))
      waiting.push(...children(node));
  }
  return found;
};

const isReturned = (node: SyntaxNode, scopes: Scopes): boolean => scopes.around(node)?.type === 'ReturnStatement';

/** True inside a function that has `arguments` of its own; outside, they would be those of whatever an engine wraps a module in. */
export const isInFunction = (node: SyntaxNode, scopes: Scopes): boolean => {
  let at = scopes.around(node);
  while (at && (!isFunction(at) || at.type === 'ArrowFunctionExpression')) at = scopes.around(at);
  return at !== undefined;
};
