import { type Finding, nothing } from './finding.ts';
import { conversions, hookSymbols, timers } from './names.ts';
import { foldedName, memberName } from './fold.ts';
import { type Place, type Scope, type Scopes, freeName, resolve } from './scopes.ts';
import { type SyntaxNode, bare, isFunction, nodeIn, nodesIn, patternTargets } from './syntax.ts';

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
export const judgeValue = (node: SyntaxNode, { scopes, scope }: Place): readonly Finding[] => {
  const name = node['name'] as string;
  if (conversions.has(name) || isInPlace(node, scopes.around(node), scope)) return nothing;
  if (timers.has(name)) return [warning('policy-timer', node, `"${name}" takes a function, not text, wherever it is called.`)];
  return [warning('policy-handed-on', node, `"${name}" is handed on as a value; the walls keep it from being changed.`)];
};

const isInPlace = (node: SyntaxNode, outer: SyntaxNode | undefined, scope: Scope): boolean => {
  const at = (field: string): boolean => outer !== undefined && bare(nodeIn(outer, field) ?? outer) === node;
  switch (outer?.type) {
    case 'CallExpression':
    case 'NewExpression':
      return at('callee');
    case 'MemberExpression':
      // `Math.valueOf()` is `Math`.
      return at('object') && memberName(outer, scope) !== 'valueOf';
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

/** Judges hooks through which a value takes part in what the language does with it: species, `then`, what a constructor returns. */
export const judgeHook = (node: SyntaxNode, place: Place): readonly Finding[] => {
  if (node.type === 'MemberExpression') {
    if (node['computed'] !== true && !hookSymbols.has(nodeIn(node, 'property')?.['name'] as string)) return nothing;
    const holder = nodeIn(node, 'object');
    const ofSymbol = holder !== undefined && freeName(holder, place.scope) === 'Symbol';
    return ofSymbol ? judgeSymbol(node, memberName(node, place.scope)) : nothing;
  }
  if (node.type === 'VariableDeclarator') return judgeSymbolsTaken(node, place);
  if (node.type === 'ReturnStatement')
    return returnsOther(node, place)
      ? [warning('policy-hook', node, 'The fields of a class are put on what a constructor returns.')]
      : nothing;
  return givesThen(node, place) ? [warning('policy-hook', node, 'Whatever awaits this value calls its "then".')] : nothing;
};

const givesThen = (node: SyntaxNode, place: Place): boolean => {
  const { scope } = place;
  if (node.type !== 'AssignmentExpression')
    return declaredName(node, place) === 'then' && !isPlainData(nodeIn(node, 'value'), scope);
  const left = bare(nodeIn(node, 'left') ?? node);
  if (!patternTargets(left).some((target) => memberName(target, scope) === 'then')) return false;
  return left.type !== 'MemberExpression' || !isPlainData(nodeIn(node, 'right'), scope);
};

/** `constructor(other) { return other }`. */
const returnsOther = (node: SyntaxNode, { scopes, scope }: Place): boolean => {
  const value = nodeIn(node, 'argument');
  if (!value || bare(value).type === 'ThisExpression' || isPlainData(value, scope)) return false;
  let owner = scopes.around(node);
  while (owner && !isFunction(owner)) owner = scopes.around(owner);
  return owner !== undefined && isConstructor(owner, scopes);
};

/** The constructor of a class, or a function that a class extends. */
const isConstructor = (owner: SyntaxNode, scopes: Scopes): boolean => {
  const outer = scopes.around(owner);
  if (outer?.type === 'MethodDefinition') return outer['kind'] === 'constructor';
  const id = nodeIn(owner, 'id') ?? (outer?.type === 'VariableDeclarator' ? nodeIn(outer, 'id') : undefined);
  const uses = id ? (resolve(String(id['name']), scopes.at(owner))?.uses ?? []) : [];
  return [owner, ...uses].some((each) => {
    const heir = scopes.around(each);
    return heir !== undefined && heir.type.startsWith('Class') && bare(nodeIn(heir, 'superClass') ?? heir) === each;
  });
};

const judgeSymbol = (node: SyntaxNode, name: string | undefined): readonly Finding[] =>
  name !== undefined && hookSymbols.has(name)
    ? [warning('policy-hook', node, `Symbol.${name} decides what the language makes of a value.`)]
    : nothing;

/** `const { species } = Symbol`. */
const judgeSymbolsTaken = (node: SyntaxNode, { scope }: Place): readonly Finding[] => {
  const [pattern, from] = [nodeIn(node, 'id'), nodeIn(node, 'init')];
  if (pattern?.type !== 'ObjectPattern' || !from || freeName(from, scope) !== 'Symbol') return nothing;
  return nodesIn(pattern, 'properties').flatMap((each) => judgeSymbol(each, keyName(each, scope)));
};

/** The name of a member that an object or a class declares; what a pattern takes is none. */
const declaredName = (node: SyntaxNode, { scopes, scope }: Place): string | undefined => {
  if (!/^(?:Property|PropertyDefinition|AccessorProperty|MethodDefinition)$/.test(node.type)) return undefined;
  return scopes.around(node)?.type === 'ObjectPattern' ? undefined : keyName(node, scope);
};

const keyName = (property: SyntaxNode, scope: Scope): string | undefined => {
  const key = nodeIn(property, 'key');
  if (!key || key.type === 'PrivateIdentifier') return undefined;
  return property['computed'] === true ? foldedName(key, scope)?.name : String(key['name'] ?? key['value']);
};

/** True for what is surely no function: data written here, or kept under a name. */
const isPlainData = (value: SyntaxNode | undefined, scope: Scope): boolean => {
  const at = value && bare(value);
  if (!at || /^(?:Literal|TemplateLiteral|ObjectExpression|ArrayExpression|UnaryExpression|BinaryExpression)$/.test(at.type))
    return true;
  const binding = at.type === 'Identifier' ? resolve(at['name'] as string, scope) : undefined;
  return (
    binding?.value !== undefined &&
    !binding.written &&
    bare(binding.value).type !== 'Identifier' &&
    isPlainData(binding.value, scope)
  );
};

const environmentFile = /(?:^|[/\\])\.env(?:\.[\w-]{1,32})?$/;

/** Text that is handed to a call and names a file in which secrets are kept. */
export const judgeText = (node: SyntaxNode, { scopes }: Place): readonly Finding[] => {
  if (node.type !== 'Literal' || typeof node['value'] !== 'string') return nothing;
  if (scopes.around(node)?.type !== 'CallExpression' || !environmentFile.test(node['value'].slice(-300))) return nothing;
  return [warning('BP-10', node, 'This names a file in which secrets are kept.')];
};
