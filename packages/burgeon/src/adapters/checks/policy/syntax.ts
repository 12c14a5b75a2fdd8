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

/** True for a cast, `!`, a chain or parentheses. */
export const isTransparent = (node: SyntaxNode): boolean => transparent.has(node.type);

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
  'TSEnumBody',
  'TSEnumMember',
  'TSModuleDeclaration',
  'TSModuleBlock',
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
  TSEnumMember: ['id'],
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
  TSModuleDeclaration: ['id'],
};

/** The children that matter at run time, in source order: no types, labels or plain property names. Most of the time of judging goes by here. */
export const children = (node: SyntaxNode): SyntaxNode[] => {
  const found: SyntaxNode[] = [];
  if (transparent.has(node.type)) {
    take(found, node['expression']);
    return found;
  }
  const names = node['computed'] === true ? undefined : nameFields[node.type];
  const skipped = skippedFields[node.type];
  const isReExport = node.type === 'ExportNamedDeclaration' && node['source'] !== null;
  for (const field of Object.keys(node)) {
    const value = node[field];
    if (typeof value !== 'object' || value === null) continue;
    if (names?.includes(field) || skipped?.includes(field) || (isReExport && field === 'specifiers')) continue;
    if (Array.isArray(value)) for (const item of value) take(found, item);
    else take(found, value);
  }
  return found;
};

const take = (found: SyntaxNode[], value: unknown): void => {
  if (isNode(value) && !isErased(value)) found.push(value);
};

/** Shows every node of a tree, types and names among them, in no order that matters. */
export const everyNode = (program: SyntaxNode, see: (node: SyntaxNode) => void): void => {
  const waiting: object[] = [program];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (isNode(value)) see(value);
    // Lists by their items: by their names it would take twice as long.
    for (const inner of Array.isArray(value) ? (value as unknown[]) : Object.values(value))
      if (typeof inner === 'object' && inner !== null) waiting.push(inner);
  }
};

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
