/** A node of the tree that the parser gives. @see https://github.com/estree/estree */
export interface TreeNode {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

const isNode = (value: unknown): value is TreeNode =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** Nodes deeper than this are left alone: the text was bounded before it was parsed, so this is never reached by honest code. */
const depthLimit = 2_000;

/** Visits a node and everything below it, outer nodes first; `false` keeps it from going below a node. */
export const walkTree = (node: TreeNode, visit: (node: TreeNode) => boolean | void, depth = 0): void => {
  if (depth > depthLimit || visit(node) === false) return;
  for (const value of Object.values(node)) {
    for (const item of Array.isArray(value) ? value : [value]) if (isNode(item)) walkTree(item, visit, depth + 1);
  }
};

/** The node in a field; undefined when there is none. */
export const childOf = (node: TreeNode | undefined, field: string): TreeNode | undefined => {
  const value = node?.[field];
  return isNode(value) ? bare(value) : undefined;
};

/** The nodes of a list field, holes left out. */
export const childrenOf = (node: TreeNode | undefined, field: string): TreeNode[] => {
  const value = node?.[field];
  return Array.isArray(value) ? value.filter(isNode).map(bare) : [];
};

/** Wrappers of TypeScript that vanish at run time, and parentheses. */
const transparent: ReadonlySet<string> = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'ChainExpression',
  'ParenthesizedExpression',
]);

const bare = (node: TreeNode): TreeNode => {
  let inner = node;
  while (transparent.has(inner.type) && isNode(inner['expression'])) inner = inner['expression'];
  return inner;
};

/** Name of an identifier, or of a key that is written out; undefined for anything else. */
export const nameOf = (node: TreeNode | undefined): string | undefined => {
  if (node?.type === 'Identifier') return node['name'] as string;
  return node?.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : undefined;
};

/** What is called, as dotted names: `http.fetch`; undefined when it is not plain from the code. */
export const calleeOf = (node: TreeNode): string | undefined => {
  const callee = childOf(node, 'callee');
  if (callee?.type === 'Identifier') return nameOf(callee);
  if (callee?.type !== 'MemberExpression') return undefined;
  const [object, property] = [childOf(callee, 'object'), childOf(callee, 'property')];
  const owner = object?.type === 'Identifier' ? nameOf(object) : '';
  const isPlain = callee['computed'] !== true || property?.type === 'Literal';
  const name = isPlain ? nameOf(property) : undefined;
  return name === undefined ? undefined : `${owner}.${name}`;
};

/** Text that is plain from the code: a literal, a template without holes, `String.raw`, and sums of such. */
export const textOf = (node: TreeNode | undefined, depth = 0): string | undefined => {
  if (!node || depth > 64) return undefined;
  if (node.type === 'Literal') return typeof node['value'] === 'string' ? node['value'] : undefined;
  if (node.type === 'TemplateLiteral') return wholeTemplate(node, 'cooked');
  if (node.type === 'TaggedTemplateExpression') {
    const tag = childOf(node, 'tag');
    const isRaw = nameOf(childOf(tag, 'object')) === 'String' && nameOf(childOf(tag, 'property')) === 'raw';
    return isRaw ? wholeTemplate(childOf(node, 'quasi'), 'raw') : undefined;
  }
  if (node.type !== 'BinaryExpression' || node['operator'] !== '+') return undefined;
  const [left, right] = [textOf(childOf(node, 'left'), depth + 1), textOf(childOf(node, 'right'), depth + 1)];
  return left === undefined || right === undefined ? undefined : left + right;
};

const wholeTemplate = (node: TreeNode | undefined, form: 'cooked' | 'raw'): string | undefined => {
  const [quasi, ...more] = childrenOf(node, 'quasis');
  if (!quasi || more.length > 0) return undefined;
  return (quasi['value'] as Record<typeof form, string | null>)[form] ?? undefined;
};
