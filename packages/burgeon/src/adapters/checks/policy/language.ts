import { memberName } from './fold.ts';
import { allowedGlobals } from './names.ts';
import { type Scope, resolve } from './scopes.ts';
import { type SyntaxNode, bare, isFunction, nodeIn, nodesIn } from './syntax.ts';

/** Free names that stand for values of the module's own. */
const notShared = new Set(['this', 'arguments']);

/** How far one name is followed to another. */
const followed = 16;

/**
 * What of the language an expression stands for: `Math` for `M` after `const M = Math`, for `Math.max` and for `Math.valueOf()`, `at` for `''.at`.
 * Undefined when it is a value of the module's own, or cannot be told.
 */
export const languageName = (node: SyntaxNode, scope: Scope, steps = 0): string | undefined => {
  if (steps > followed) return undefined;
  const at = bare(node);
  if (at.type === 'Identifier') {
    const name = at['name'] as string;
    const binding = resolve(name, scope);
    if (!binding) return allowedGlobals.has(name) && !notShared.has(name) ? name : undefined;
    if (binding.written) return undefined;
    if (binding.taken) return memberOf(binding.taken.from, binding.taken.name, { scope: binding.scope, steps });
    return binding.value && languageName(binding.value, binding.scope, steps + 1);
  }
  if (at.type === 'CallExpression') {
    const callee = bare(nodeIn(at, 'callee') ?? at);
    const holder = memberName(callee, scope) === 'valueOf' ? nodeIn(callee, 'object') : undefined;
    return holder && languageName(holder, scope, steps + 1);
  }
  const object = at.type === 'MemberExpression' ? nodeIn(at, 'object') : undefined;
  return object && memberOf(object, memberName(at, scope), { scope, steps });
};

const memberOf = (object: SyntaxNode, name: string | undefined, at: { scope: Scope; steps: number }): string | undefined =>
  languageName(object, at.scope, at.steps + 1) ?? methodOfLiteral(bare(object), name, at.scope);

/** The name of a method that a literal has from the language, also one that is kept under a name. */
const methodOfLiteral = (literal: SyntaxNode, name: string | undefined, scope: Scope): string | undefined => {
  const binding = literal.type === 'Identifier' ? resolve(literal['name'] as string, scope) : undefined;
  const kept = binding?.value && !binding.written ? bare(binding.value) : undefined;
  // Objects under a name are given members of their own.
  const example = kept?.type === 'ObjectExpression' ? undefined : exampleOf(kept ?? literal);
  return example !== undefined && name !== undefined && typeof Reflect.get(example, name) === 'function' ? name : undefined;
};

/** A value that has no more than the language gives to all of its kind; undefined for what may have members of its own. */
const exampleOf = (literal: SyntaxNode): object | undefined => {
  const { type } = literal;
  if (type === 'ArrayExpression') return [];
  if (type === 'TemplateLiteral') return Object('') as object;
  if (type === 'ObjectExpression') return nodesIn(literal, 'properties').length === 0 ? {} : undefined;
  if (isFunction(literal) || isEmptyClass(literal)) return exampleOf;
  if (type !== 'Literal') return undefined;
  return literal['regex'] ? /a/ : (Object(literal['value']) as object);
};

const isEmptyClass = (node: SyntaxNode): boolean =>
  /^Class(?:Declaration|Expression)$/.test(node.type) &&
  !nodeIn(node, 'superClass') &&
  nodesIn(nodeIn(node, 'body') ?? node, 'body').every((each) => each['static'] !== true && each.type !== 'StaticBlock');
