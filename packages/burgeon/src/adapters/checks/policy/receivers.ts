import type { Finding } from './finding.ts';
import { type SyntaxNode, bare, children, isFunction, nodeIn, nodesIn } from './syntax.ts';

const message = '"this" is used where a careless engine would give the global object.';

const finding = (node: SyntaxNode): Finding => ({ rule: 'policy-global', severity: 'error', message, offset: node.start });

/**
 * Finds `this` outside anything it could belong to: at the top of the module, in a function called where it is written, or returned from a
 * function that is no method. Strict code gives `undefined` there; who relies on more is looking for a way out.
 */
export const judgeReceiver = (node: SyntaxNode, parent: SyntaxNode | undefined): Finding[] => {
  if (node.type === 'Program') return receivers(node).map(finding);
  if (node.type === 'CallExpression') return calledInPlace(node).flatMap(receivers).map(finding);
  if (!isFunction(node) || node.type === 'ArrowFunctionExpression' || isMethod(parent)) return [];
  return returned(node).map(finding);
};

const isMethod = (parent: SyntaxNode | undefined): boolean =>
  parent !== undefined && /^(?:MethodDefinition|PropertyDefinition|AccessorProperty|Property)$/.test(parent.type);

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

const returned = (owner: SyntaxNode): SyntaxNode[] => {
  const found: SyntaxNode[] = [];
  const waiting = children(owner);
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    const argument = node.type === 'ReturnStatement' ? nodeIn(node, 'argument') : undefined;
    if (argument && bare(argument).type === 'ThisExpression') found.push(argument);
    else if (!isFunction(node) && !node.type.startsWith('Class')) waiting.push(...children(node));
  }
  return found;
};

const environmentFile = /(?:^|[/\\])\.env(?:\.[\w-]{1,32})?$/;

/** Text that is handed to a call and names a file in which secrets are kept. */
export const judgeText = (node: SyntaxNode, parent: SyntaxNode | undefined): Finding[] => {
  const given = node.type === 'Literal' && parent?.type === 'CallExpression' && typeof node['value'] === 'string';
  if (!given || !environmentFile.test((node['value'] as string).slice(-300))) return [];
  return [{ rule: 'BP-10', severity: 'warning', message: 'This names a file in which secrets are kept.', offset: node.start }];
};
