import { type Finding, nothing } from './finding.ts';
import { conversions, hookSymbols, timers } from './names.ts';
import { type Place, freeName } from './scopes.ts';
import { type SyntaxNode, bare, isFunction, nodeIn } from './syntax.ts';

const warning = (rule: string, node: SyntaxNode, message: string): Finding => ({
  rule,
  severity: 'warning',
  message,
  offset: node.start,
});

/**
 * Judges a name of the language that is used as a value: who is handed `Math` can try to change it under another name. Conversions and
 * calls, `new`, `instanceof` and members are what such names are for.
 */
export const judgeValue = (node: SyntaxNode, { scopes }: Place): readonly Finding[] => {
  const name = node['name'] as string;
  if (conversions.has(name) || isInPlace(node, scopes.around(node))) return nothing;
  if (timers.has(name)) return [warning('policy-timer', node, `"${name}" takes a function, not text, wherever it is called.`)];
  return [warning('policy-handed-on', node, `"${name}" is handed on as a value; the walls keep it from being changed.`)];
};

const isInPlace = (node: SyntaxNode, outer: SyntaxNode | undefined): boolean => {
  const at = (field: string): boolean => outer !== undefined && bare(nodeIn(outer, field) ?? outer) === node;
  switch (outer?.type) {
    case 'CallExpression':
    case 'NewExpression':
      return at('callee');
    case 'MemberExpression':
      return at('object');
    case 'ClassDeclaration':
    case 'ClassExpression':
      return at('superClass');
    case 'TaggedTemplateExpression':
      return at('tag');
    case 'BinaryExpression':
      return outer['operator'] !== 'instanceof' || at('right');
    case 'UnaryExpression':
    case 'ExpressionStatement':
    case 'SwitchCase':
      return true;
    case 'VariableDeclarator':
      return at('init') && nodeIn(outer, 'id')?.type === 'ObjectPattern';
    // A write is judged as such.
    case 'AssignmentExpression':
      return at('left');
    default:
      return outer?.type === 'UpdateExpression';
  }
};

/** Judges hooks through which a value takes part in what the language does with it: species, `then`. */
export const judgeHook = (node: SyntaxNode, { scope }: Place): readonly Finding[] => {
  if (node.type === 'MemberExpression') {
    const holder = nodeIn(node, 'object');
    const name = node['computed'] === true ? undefined : (nodeIn(node, 'property')?.['name'] as string | undefined);
    const hooks = name !== undefined && hookSymbols.has(name) && holder !== undefined && freeName(holder, scope) === 'Symbol';
    return hooks ? [warning('policy-hook', node, `Symbol.${name} decides what the language makes of a value.`)] : nothing;
  }
  const written = node.type === 'AssignmentExpression' && isThen(nodeIn(node, 'left')) && holdsFunction(nodeIn(node, 'right'));
  const declared =
    /^(?:Property|PropertyDefinition|MethodDefinition)$/.test(node.type) &&
    isNamed(node, 'then') &&
    holdsFunction(nodeIn(node, 'value'));
  return written || declared ? [warning('policy-hook', node, 'Whatever awaits this value calls its "then".')] : nothing;
};

const isNamed = (property: SyntaxNode, name: string): boolean => {
  const key = nodeIn(property, 'key');
  if (key === undefined) return false;
  return (property['computed'] === true ? key['value'] : (key['name'] ?? key['value'])) === name;
};

const isThen = (target: SyntaxNode | undefined): boolean => {
  const member = target && bare(target);
  const property = member?.type === 'MemberExpression' ? nodeIn(member, 'property') : undefined;
  return (member?.['computed'] === true ? property?.['value'] : property?.['name']) === 'then';
};

const holdsFunction = (value: SyntaxNode | undefined): boolean => value !== undefined && isFunction(bare(value));

const environmentFile = /(?:^|[/\\])\.env(?:\.[\w-]{1,32})?$/;

/** Text that is handed to a call and names a file in which secrets are kept. */
export const judgeText = (node: SyntaxNode, { scopes }: Place): readonly Finding[] => {
  if (node.type !== 'Literal' || typeof node['value'] !== 'string') return nothing;
  if (scopes.around(node)?.type !== 'CallExpression' || !environmentFile.test(node['value'].slice(-300))) return nothing;
  return [warning('BP-10', node, 'This names a file in which secrets are kept.')];
};
