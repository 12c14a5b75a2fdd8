/** Reads the packages' sources and their syntax trees: the ground of every architecture test. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Comment, parseSync } from 'oxc-parser';

/** The repository's root folder, without a closing slash. */
export const root: string = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/** One source file, real or made up for a seeded violation. `path` is relative to the root, with forward slashes. */
export interface SourceFile {
  path: string;
  source: string;
}

/** A syntax node with the fields that every node has, and the rest unknown. */
export interface SyntaxNode {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

/** A parsed file: the list of top-level statements and the comments. */
export interface Parsed {
  body: SyntaxNode[];
  comments: Comment[];
}

/** How a file reaches another one. `url` is a `new URL('./x.ts', import.meta.url)`, which starts a worker or a process. */
export type ReachKind = 'static' | 'type' | 'dynamic' | 'require' | 'url';

/** One import, re-export or other reach found in a file. */
export interface Reach {
  specifier: string;
  kind: ReachKind;
  line: number;
}

/** Whether a path is a test, which may know its siblings. */
export const isTest = (path: string): boolean => path.endsWith('.test.ts');

/** Every `.ts` file below `packages/<name>/src`, in path order; fixtures are data, not sources. */
export function readSources(): SourceFile[] {
  const files: SourceFile[] = [];
  for (const name of readdirSync(join(root, 'packages'))) {
    const folder = join(root, 'packages', name, 'src');
    for (const entry of list(folder)) {
      const path = posix.join('packages', name, 'src', entry.replaceAll('\\', '/'));
      if (!path.endsWith('.ts') || path.includes('/fixtures/') || path.includes('/node_modules/')) continue;
      files.push({ path, source: readFileSync(join(root, path), 'utf8') });
    }
  }
  return files.sort((one, other) => (one.path < other.path ? -1 : 1));
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return []; // a package may be without sources
  }
}

/** Parses a file; a file that does not parse is a fault of the tree, not an empty one. */
export function parse(file: SourceFile): Parsed {
  const { program, comments, errors } = parseSync(file.path, file.source);
  if (errors.length > 0) throw new SyntaxError(`${file.path}: ${errors[0]?.message}`);
  return { body: program.body as unknown as SyntaxNode[], comments };
}

/** Calls `visit` for every node below and including `value`, parents first. */
export function walk(value: unknown, visit: (node: SyntaxNode) => void): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit);
  else if (isNode(value)) {
    visit(value);
    for (const field of Object.values(value)) if (typeof field === 'object') walk(field, visit);
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';
}

/** The line, from 1, of an offset. */
export const lineAt = (source: string, offset: number): number => source.slice(0, offset).split('\n').length;

/** Every way in which a file reaches another: imports, re-exports, `import()`, `require()`, `import('x').T`, `new URL()`. */
export function reaches(file: SourceFile): Reach[] {
  const found: Reach[] = [];
  walk(parse(file).body, (node) => {
    const [kind, target] = reachOf(node);
    const specifier = text(target);
    if (kind && specifier !== undefined) found.push({ specifier, kind, line: lineAt(file.source, node.start) });
  });
  return found;
}

function reachOf(node: SyntaxNode): [ReachKind, unknown] | [] {
  const [first, second] = (node['arguments'] ?? []) as unknown[];
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return [node['importKind'] === 'type' || node['exportKind'] === 'type' ? 'type' : 'static', node['source']];
    case 'TSImportType':
      return ['type', node['source']];
    case 'TSExternalModuleReference':
      return ['require', node['expression']];
    case 'ImportExpression':
      return ['dynamic', node['source']];
    case 'CallExpression':
      return isRequire(node['callee']) ? ['require', first] : [];
    case 'NewExpression':
      return isNode(second) && text(first)?.endsWith('.ts') ? ['url', first] : [];
    default:
      return [];
  }
}

/** `require(...)`, `require.resolve(...)` and `import.meta.resolve(...)`. */
function isRequire(callee: unknown): boolean {
  if (!isNode(callee)) return false;
  if (callee.type === 'Identifier') return callee['name'] === 'require';
  const { object, property } = callee as { object?: unknown; property?: { name?: string } };
  return property?.name === 'resolve' && isNode(object) && (object.type === 'MetaProperty' || isRequire(object));
}

/** The value of a string literal, or of a template without a hole. */
function text(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node.type !== 'TemplateLiteral' || (node['expressions'] as unknown[]).length > 0) return undefined;
  return (node['quasis'] as { value: { cooked: string } }[])[0]?.value.cooked;
}
