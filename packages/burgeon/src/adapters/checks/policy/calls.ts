import { type Finding, nothing } from './finding.ts';
import { foldedName, memberName } from './fold.ts';
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

const judgeTimer = (node: SyntaxNode, place: Place): readonly Finding[] => {
  const callee = bare(nodeIn(node, 'callee') ?? node);
  const name = freeName(callee, place.scope);
  const [first] = nodesIn(node, 'arguments');
  if (name !== undefined && timers.has(name) && first) {
    if (isText(first, place.scope)) return [notText(name, first)];
    return isSurelyFunction(first, place) ? [] : [warning('policy-timer', first, 'If this is text, the walls refuse it.')];
  }
  return judgeThrough(callee, place);
};

/** `setTimeout.call(...)`. */
const judgeThrough = (callee: SyntaxNode, { scope }: Place): readonly Finding[] => {
  const holder = callee.type === 'MemberExpression' ? nodeIn(callee, 'object') : undefined;
  const inner = holder && freeName(holder, scope);
  return inner !== undefined && timers.has(inner) && throughMembers.has(memberName(callee, scope) ?? '')
    ? [warning('policy-timer', callee, `"${inner}" takes a function, not text, however it is called.`)]
    : nothing;
};

/** ``setTimeout`code` ``: what a tag is given is never a function. */
export const judgeTag = (node: SyntaxNode, place: Place): readonly Finding[] => {
  const tag = bare(nodeIn(node, 'tag') ?? node);
  const name = freeName(tag, place.scope);
  return name !== undefined && timers.has(name) ? [notText(name, node)] : judgeThrough(tag, place);
};

const notText = (name: string, node: SyntaxNode): Finding => ({
  rule: 'policy-timer',
  severity: 'error',
  message: `"${name}" takes a function, not text.`,
  offset: node.start,
});

const isText = (node: SyntaxNode, scope: Scope): boolean => {
  const at = bare(node);
  return ['Literal', 'TemplateLiteral', 'BinaryExpression'].includes(at.type) || foldedName(at, scope) !== undefined;
};

/** A function written here, one that is declared, the same bound to something, or what a promise gives to settle it. */
const isSurelyFunction = (node: SyntaxNode, place: Place): boolean => {
  const at = bare(node);
  if (isFunction(at)) return true;
  if (at.type === 'CallExpression') {
    const callee = bare(nodeIn(at, 'callee') ?? at);
    const bound = memberName(callee, place.scope) === 'bind' ? nodeIn(callee, 'object') : undefined;
    return bound !== undefined && isSurelyFunction(bound, place);
  }
  const binding = at.type === 'Identifier' ? resolve(at['name'] as string, place.scope) : undefined;
  if (!binding || binding.written) return false;
  return binding.value ? isFunction(bare(binding.value)) : settlesPromise(at['name'] as string, binding.parameterOf, place);
};

/** `new Promise((resolve, reject) => ...)`: one of the two that every promise gives. */
const settlesPromise = (name: string, owner: SyntaxNode | undefined, { scopes, scope }: Place): boolean => {
  const outer = owner && scopes.around(owner);
  const callee = outer?.type === 'NewExpression' ? nodeIn(outer, 'callee') : undefined;
  if (!owner || !callee || freeName(callee, scope) !== 'Promise') return false;
  return nodesIn(owner, 'params')
    .slice(0, 2)
    .some((each) => each.type === 'Identifier' && each['name'] === name);
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
