import { type TreeNode, calleeOf, childOf, childrenOf, textOf, walkTree } from './tree.ts';

/** A regular expression that stands in code, as far as its text is plain. */
export interface ExpressionFound {
  source: string;
  flags: string;
  /** 0-based code unit. */
  offset: number;
}

/** Methods of text that make an expression of a text they are given. */
const compiling: ReadonlySet<string> = new Set(['match', 'matchAll', 'search']);

/** The regular expressions of one file: literals, `RegExp` of constant text, and text given to `match`, `matchAll` or `search`. */
export const expressionsIn = (program: TreeNode): ExpressionFound[] => {
  const found: ExpressionFound[] = [];
  const constants = constantsIn(program);
  const plain = (node: TreeNode | undefined): string | undefined =>
    node?.type === 'Identifier' ? constants.get(node['name'] as string) : textOf(node);
  walkTree(program, (node) => {
    const regex = node['regex'];
    if (node.type === 'Literal' && isRegex(regex)) found.push({ source: regex.pattern, flags: regex.flags, offset: node.start });
    if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return;
    const name = calleeOf(node);
    const [first, second] = childrenOf(node, 'arguments');
    const method = name?.split('.').at(-1) ?? '';
    const makes = method === 'RegExp' || (name?.includes('.') && compiling.has(method));
    const source = makes ? plain(first) : undefined;
    if (source !== undefined) found.push({ source, flags: method === 'RegExp' ? (plain(second) ?? '') : '', offset: node.start });
  });
  return found;
};

const isRegex = (value: unknown): value is { pattern: string; flags: string } =>
  typeof value === 'object' && value !== null && typeof (value as { pattern?: unknown }).pattern === 'string';

/** Names that are given a plain text once, anywhere in the file; one that is given two is none. */
const constantsIn = (program: TreeNode): Map<string, string> => {
  const known = new Map<string, string>();
  const doubtful = new Set<string>();
  walkTree(program, (node) => {
    if (node.type !== 'VariableDeclarator') return;
    const id = childOf(node, 'id');
    const text = textOf(childOf(node, 'init'));
    if (id?.type !== 'Identifier' || text === undefined) return;
    const name = id['name'] as string;
    if (known.has(name)) doubtful.add(name);
    known.set(name, text);
  });
  for (const name of doubtful) known.delete(name);
  return known;
};
