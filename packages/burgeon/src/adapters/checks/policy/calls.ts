import type { Finding } from './finding.ts';
import { foldedName } from './fold.ts';
import { calleeName } from './looks.ts';
import { doubtfulMethods, timers } from './names.ts';
import { type Place, type Scope, freeName, resolve } from './scopes.ts';
import { type SyntaxNode, bare, isFunction, nodeIn, nodesIn } from './syntax.ts';

/** Judges what is called, where the name alone does not decide. */
export const judgeCall = (node: SyntaxNode, place: Place): Finding[] => [
  ...judgeTimer(node, place),
  ...judgeMethod(node),
  ...judgeRegistered(node, place),
];

const warning = (rule: string, node: SyntaxNode, message: string): Finding => ({
  rule,
  severity: 'warning',
  message,
  offset: node.start,
});

const throughMembers = new Set(['call', 'apply', 'bind']);

const judgeTimer = (node: SyntaxNode, place: Place): Finding[] => {
  const callee = bare(nodeIn(node, 'callee') ?? node);
  const name = freeName(callee, place.scope);
  const [first] = nodesIn(node, 'arguments');
  if (name !== undefined && timers.has(name) && first) {
    if (isText(first, place.scope))
      return [{ rule: 'policy-timer', severity: 'error', message: `"${name}" takes a function, not text.`, offset: first.start }];
    return isSurelyFunction(first, place) ? [] : [warning('policy-timer', first, 'If this is text, the walls refuse it.')];
  }
  const holder = callee.type === 'MemberExpression' ? nodeIn(callee, 'object') : undefined;
  const inner = holder && freeName(holder, place.scope);
  const through = callee['computed'] !== true && throughMembers.has(String(nodeIn(callee, 'property')?.['name']));
  return inner !== undefined && through && timers.has(inner)
    ? [warning('policy-timer', node, `"${inner}" takes a function, not text, however it is called.`)]
    : [];
};

const isText = (node: SyntaxNode, scope: Scope): boolean => {
  const at = bare(node);
  return ['Literal', 'TemplateLiteral', 'BinaryExpression'].includes(at.type) || foldedName(at, scope) !== undefined;
};

/** A function written here, one that is declared, a method of the module's own, or what a promise gives to settle it. */
const isSurelyFunction = (node: SyntaxNode, place: Place): boolean => {
  const at = bare(node);
  if (isFunction(at)) return true;
  if (at.type === 'MemberExpression')
    return at['computed'] !== true && bare(nodeIn(at, 'object') ?? at).type === 'ThisExpression';
  if (at.type === 'CallExpression') return nodeIn(bare(nodeIn(at, 'callee') ?? at), 'property')?.['name'] === 'bind';
  const binding = at.type === 'Identifier' ? resolve(at['name'] as string, place.scope) : undefined;
  if (!binding) return false;
  if (binding.value) return !binding.written && isFunction(bare(binding.value));
  return binding.parameterOf !== undefined && settlesPromise(binding.parameterOf, place);
};

const settlesPromise = (owner: SyntaxNode, { scopes, scope }: Place): boolean => {
  const outer = scopes.around(owner);
  const callee = outer?.type === 'NewExpression' ? nodeIn(outer, 'callee') : undefined;
  return callee !== undefined && freeName(callee, scope) === 'Promise';
};

const judgeMethod = (node: SyntaxNode): Finding[] => {
  const callee = bare(nodeIn(node, 'callee') ?? node);
  const name =
    callee.type === 'MemberExpression' && callee['computed'] !== true ? nodeIn(callee, 'property')?.['name'] : undefined;
  const rule = typeof name === 'string' ? doubtfulMethods.get(name) : undefined;
  return rule === undefined
    ? []
    : [warning(rule, callee, `"${String(name)}" would make code or processes, if the walls let it.`)];
};

/** `Symbol.for('nodejs....')`: hooks by which values change what Node does with them. */
const judgeRegistered = (node: SyntaxNode, place: Place): Finding[] => {
  const [first] = nodesIn(node, 'arguments');
  if (!first || calleeName(node, place) !== 'Symbol.for') return [];
  const name = foldedName(first, place.scope)?.name;
  if (name === undefined || !/^(?:nodejs|deno|bun)\b/i.test(name)) return [];
  return [
    { rule: 'policy-member', severity: 'error', message: `"${name.slice(0, 60)}" belongs to the host.`, offset: node.start },
  ];
};
