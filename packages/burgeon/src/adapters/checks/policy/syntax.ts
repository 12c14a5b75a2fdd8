/** A node of the tree that the parser gives; which other fields there are depends on `type`. @see https://github.com/estree/estree */
export interface SyntaxNode {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

/** True for a node of the tree. */
const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** The node in a field; undefined when there is none. */
export const nodeIn = (node: SyntaxNode, field: string): SyntaxNode | undefined => {
  const value = node[field];
  return isNode(value) ? value : undefined;
};

/** The nodes of a list field, holes left out. */
export const nodesIn = (node: SyntaxNode, field: string): SyntaxNode[] => {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
};

/** Wrappers of TypeScript that vanish at run time and leave their expression. */
const transparent = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'ChainExpression',
  'ParenthesizedExpression',
]);

/** The expression without casts, `!`, chains and parentheses around it. */
export const bare = (node: SyntaxNode): SyntaxNode => {
  let inner = node;
  while (transparent.has(inner.type)) {
    const next = nodeIn(inner, 'expression');
    if (!next) return inner;
    inner = next;
  }
  return inner;
};

/** Syntax that only looks like TypeScript: it emits code, so it is judged, not skipped. */
const emitting = new Set([
  'TSEnumDeclaration',
  'TSModuleDeclaration',
  'TSParameterProperty',
  'TSImportEqualsDeclaration',
  'TSExportAssignment',
]);

/** True for what is erased before the code runs. */
const isErased = (node: SyntaxNode): boolean =>
  node['declare'] === true ||
  node['importKind'] === 'type' ||
  node['exportKind'] === 'type' ||
  (node.type.startsWith('TS') && !transparent.has(node.type) && !emitting.has(node.type));

/** Fields that hold a name rather than an expression, unless the node is `computed`. */
const nameFields: Record<string, readonly string[]> = {
  MemberExpression: ['property'],
  Property: ['key'],
  MethodDefinition: ['key'],
  PropertyDefinition: ['key'],
  AccessorProperty: ['key'],
  ImportAttribute: ['key'],
};

const skippedFields: Record<string, readonly string[]> = {
  LabeledStatement: ['label'],
  BreakStatement: ['label'],
  ContinueStatement: ['label'],
  MetaProperty: ['meta', 'property'],
  ImportSpecifier: ['imported', 'local'],
  ImportDefaultSpecifier: ['local'],
  ImportNamespaceSpecifier: ['local'],
  ExportSpecifier: ['exported'],
  ExportAllDeclaration: ['exported'],
};

/** The children that matter at run time, in source order: no types, labels or plain property names. */
export const children = (node: SyntaxNode): SyntaxNode[] => {
  if (transparent.has(node.type)) return nodesOf(node['expression']);
  const found: SyntaxNode[] = [];
  for (const [field, value] of Object.entries(node)) {
    if (typeof value !== 'object' || value === null) continue;
    if (node['computed'] !== true && nameFields[node.type]?.includes(field)) continue;
    if (skippedFields[node.type]?.includes(field)) continue;
    if (node.type === 'ExportNamedDeclaration' && field === 'specifiers' && node['source'] !== null) continue;
    found.push(...nodesOf(value));
  }
  return found;
};

const nodesOf = (value: unknown): SyntaxNode[] =>
  (Array.isArray(value) ? value : [value]).filter((item): item is SyntaxNode => isNode(item) && !isErased(item));

/** True for a function of any kind. */
export const isFunction = (node: SyntaxNode): boolean =>
  node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression';

/** The identifiers that a binding pattern declares, or an assignment pattern writes; members that it writes are given as they are. */
export const patternTargets = (pattern: SyntaxNode | undefined): SyntaxNode[] => {
  if (!pattern || isErased(pattern)) return [];
  const node = bare(pattern);
  switch (node.type) {
    case 'Identifier':
    case 'MemberExpression':
      return [node];
    case 'ObjectPattern':
      return nodesIn(node, 'properties').flatMap((property) =>
        patternTargets(nodeIn(property, property.type === 'RestElement' ? 'argument' : 'value')),
      );
    case 'ArrayPattern':
      return nodesIn(node, 'elements').flatMap(patternTargets);
    case 'AssignmentPattern':
      return patternTargets(nodeIn(node, 'left'));
    case 'RestElement':
      return patternTargets(nodeIn(node, 'argument'));
    case 'TSParameterProperty':
      return patternTargets(nodeIn(node, 'parameter'));
    default:
      return [];
  }
};
