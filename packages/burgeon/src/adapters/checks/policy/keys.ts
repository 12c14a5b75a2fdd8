import { type Scope, resolve } from './scopes.ts';
import { type SyntaxNode, bare, children, nodeIn } from './syntax.ts';

/** True for `Symbol.iterator` and its like. */
export const isSymbol = (node: SyntaxNode, scope: Scope): boolean => {
  const object = node.type === 'MemberExpression' && node['computed'] !== true ? nodeIn(node, 'object') : undefined;
  const holder = object && bare(object);
  return holder?.type === 'Identifier' && holder['name'] === 'Symbol' && !resolve('Symbol', scope);
};

const numeric = new Set(['-', '*', '/', '%', '**', '|', '&', '^', '<<', '>>', '>>>']);

/** True when an expression can only be a number or a comparison's outcome, so that it names an element, not a member. */
export const isNumeric = (node: SyntaxNode, depth = 0): boolean => {
  const at = bare(node);
  if (depth > 16) return false;
  if (at.type === 'Literal') return typeof at['value'] === 'number';
  if (at.type === 'UpdateExpression') return true;
  if (at.type === 'UnaryExpression') return at['operator'] === '-' || at['operator'] === '+' || at['operator'] === '~';
  const sides = (['left', 'right'] as const).map((side) => nodeIn(at, side));
  if (at.type === 'BinaryExpression' && numeric.has(at['operator'] as string)) return true;
  return at.type === 'BinaryExpression' && at['operator'] === '+' && sides.every((side) => side && isNumeric(side, depth + 1));
};

/** True when a name stands somewhere in an expression; what has none at all was written to be unreadable. */
export const mentionsName = (node: SyntaxNode, depth = 0): boolean =>
  node.type === 'Identifier' ||
  node.type === 'ThisExpression' ||
  node.type === 'PrivateIdentifier' ||
  (depth < 200 && children(node).some((child) => mentionsName(child, depth + 1)));
