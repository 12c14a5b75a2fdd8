/** How code here reads, as far as a machine can tell: sizes, `any`, bare errors, docstrings, and words that name a protocol. */
import { type Parsed, type SourceFile, type SyntaxNode, isTest, lineAt, parse, walk } from './source-tree.ts';

/** The sizes that nothing exceeds, in code lines (neither blank nor comment) and parameters. */
const limits = { fileLines: 400, functionLines: 60, parameters: 4 } as const;

/** Checks one file; each offender is one line of text, `path:line what`. Tests are free. */
export function checkStyle(file: SourceFile): string[] {
  if (isTest(file.path)) return [];
  const parsed = parse(file);
  const code = codeLines(file.source, parsed);
  const found: string[] = [];
  const report = (node: { start: number }, what: string) => found.push(`${file.path}:${lineAt(file.source, node.start)} ${what}`);
  if (code.size > limits.fileLines) report({ start: 0 }, `file of ${code.size} code lines`);
  walk(parsed.body, (node) => {
    if (node.type === 'TSAnyKeyword') report(node, 'any');
    if (isBareThrow(node)) report(node, 'throw new Error');
    const body = node['body'] as SyntaxNode | null | undefined;
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type) || !body) return;
    const [first, last] = [lineAt(file.source, node.start), lineAt(file.source, node.end)];
    const lines = [...code].filter((line) => line >= first && line <= last).length;
    if (lines > limits.functionLines) report(node, `function of ${lines} code lines`);
    const parameters = (node['params'] as SyntaxNode[]).filter((parameter) => parameter['name'] !== 'this').length;
    if (parameters > limits.parameters) report(node, `function of ${parameters} parameters`);
  });
  for (const { node, name } of undocumented(file.source, parsed)) report(node, `export "${name}" has no docstring`);
  return found;
}

/** The numbers of the lines that hold code. */
function codeLines(source: string, { comments }: Parsed): Set<number> {
  let code = source;
  for (const { start, end } of comments) {
    code = code.slice(0, start) + source.slice(start, end).replace(/[^\n]/g, ' ') + code.slice(end);
  }
  return new Set(code.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [index + 1])));
}

function isBareThrow(node: SyntaxNode): boolean {
  const thrown = node['argument'] as { type: string; callee?: { name?: string } } | undefined;
  return node.type === 'ThrowStatement' && thrown?.type === 'NewExpression' && thrown.callee?.name === 'Error';
}

/** Exported declarations without a docstring before them; of overloads, the first carries it. */
function undocumented(source: string, { body, comments }: Parsed): { node: SyntaxNode; name: string }[] {
  const listed = new Set(
    body.flatMap((node) => {
      const specifiers = node.type === 'ExportNamedDeclaration' && !node['source'] ? (node['specifiers'] as SyntaxNode[]) : [];
      return specifiers.map((specifier) => (specifier['local'] as { name: string }).name);
    }),
  );
  const seen = new Set<string>();
  return body.flatMap((node) => {
    const exported = node.type === 'ExportNamedDeclaration' || node.type === 'ExportDefaultDeclaration';
    const declaration = (exported ? node['declaration'] : node) as SyntaxNode | null;
    const names = declaration ? namesOf(declaration) : [];
    const name = names.find((each) => exported || listed.has(each));
    if (name === undefined || seen.has(name)) return [];
    seen.add(name);
    const documented = comments.some((comment) => {
      return comment.type === 'Block' && comment.value.startsWith('*') && isGap(source, comment.end, node.start, comments);
    });
    return documented ? [] : [{ node, name }];
  });
}

function namesOf(declaration: SyntaxNode): string[] {
  if (declaration.type.startsWith('Import')) return [];
  const named = (node: SyntaxNode) => (node['id'] as { name?: string } | null)?.name;
  const nodes = declaration.type === 'VariableDeclaration' ? (declaration['declarations'] as SyntaxNode[]) : [declaration];
  return nodes.map((node) => named(node) ?? 'default');
}

/** Whether nothing but white space and other comments stands between two offsets. */
function isGap(source: string, from: number, to: number, comments: Parsed['comments']): boolean {
  if (from > to) return false;
  let gap = source.slice(from, to);
  for (const { start, end } of comments) if (start >= from && end <= to) gap = gap.replace(source.slice(start, end), '');
  return gap.trim() === '';
}

/** Words that name a protocol: neither the kit nor the neutral interface may know one. */
const protocolWords: readonly string[] = 'http https sql graphql openapi asyncapi mqtt amqp kafka websocket grpc'.split(' ');

/** Where code, strings or comments name a protocol, also as a part of a camelCase name; addresses of citations are allowed. */
export function findProtocolWords({ path, source }: SourceFile): string[] {
  return source.split('\n').flatMap((line, index) => {
    const found = line
      .replace(/https:\/\/[^\s'"`<>)]*/g, '')
      .split(/[^A-Za-z]+/)
      .flatMap((word) => protocolWords.filter((protocol) => namesProtocol(word, protocol)));
    return [...new Set(found)].map((protocol) => `${path}:${index + 1} ${protocol}`);
  });
}

/** True when neighbouring camelCase parts of `word` spell `protocol`: `GraphQlSource`, `toOpenAPI`, `httpMethod`. */
function namesProtocol(word: string, protocol: string): boolean {
  if (word.toLowerCase() === protocol) return true;
  const parts = (word.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []).map((part) => part.toLowerCase());
  return parts.some((_, start) => parts.some((__, end) => parts.slice(start, end + 1).join('') === protocol));
}
