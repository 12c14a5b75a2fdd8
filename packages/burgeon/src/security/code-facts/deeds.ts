import { posix } from 'node:path';
import { type TreeNode, childOf, childrenOf, nameOf, textOf, walkTree } from './tree.ts';

/** A parsed file of a bundle. */
export interface ParsedFile {
  path: string;
  program: TreeNode;
}

/** Something that an operation does to the outside, where that is plain from the code. */
export interface Deed {
  operation: string;
  /** Kind of power, by its name in code: `http`, `db`, `bus`, ... */
  power: string;
  /** The method of the power that is called: `fetch`, `insert`, ... */
  method: string;
  /** For `http`: the method of the request in upper case, `GET` when none is given; `?` when it is not plain. */
  verb?: string;
  file: string;
  /** 0-based code unit. */
  offset: number;
}

const powerPrefix = 'burgeon:cap/';

/** What the names of one file stand for. */
interface FileScope {
  path: string;
  /** Local name of a power -> its name in code. */
  powers: Map<string, string>;
  /** Local name -> where it comes from. */
  imports: Map<string, { path: string; name: string }>;
  /** Top-level name -> what is kept under it. */
  values: Map<string, TreeNode>;
}

/**
 * What each operation of a module does, followed from `export const operations` over functions that are called by their name, across the files of the
 * bundle. Only what is certain: a method that is computed, a function that is handed over, are not followed.
 */
export const deedsOf = (files: readonly ParsedFile[], entry: string): Deed[] => {
  const scopes = new Map(files.map((file) => [file.path, scopeOf(file, new Set(files.map(({ path }) => path)))]));
  const home = scopes.get(entry);
  const table = home && resolve(scopes, home, 'operations');
  if (!table) return [];
  return members(table.node).flatMap(({ name, value }) => {
    const deeds: Deed[] = [];
    const start =
      value.type === 'Identifier' ? resolve(scopes, table.scope, nameOf(value) ?? '') : { node: value, scope: table.scope };
    if (start) follow({ scopes, operation: name, seen: new Set(), deeds }, start);
    return deeds;
  });
};

const scopeOf = ({ path, program }: ParsedFile, paths: ReadonlySet<string>): FileScope => {
  const scope: FileScope = { path, powers: new Map(), imports: new Map(), values: new Map() };
  for (const statement of childrenOf(program, 'body')) {
    if (statement.type === 'ImportDeclaration') takeImport(scope, statement, paths);
    const declaration = statement.type === 'ExportNamedDeclaration' ? childOf(statement, 'declaration') : statement;
    if (declaration?.type === 'FunctionDeclaration') scope.values.set(nameOf(childOf(declaration, 'id')) ?? '', declaration);
    if (declaration?.type !== 'VariableDeclaration' || declaration['kind'] !== 'const') continue;
    for (const declarator of childrenOf(declaration, 'declarations')) {
      const value = childOf(declarator, 'init');
      const name = nameOf(childOf(declarator, 'id'));
      if (value && name !== undefined) scope.values.set(name, value);
    }
  }
  return scope;
};

const takeImport = (scope: FileScope, statement: TreeNode, paths: ReadonlySet<string>): void => {
  const specifier = nameOf(childOf(statement, 'source')) ?? '';
  const target = posix.join(posix.dirname(scope.path), specifier);
  for (const each of childrenOf(statement, 'specifiers')) {
    if (each.type !== 'ImportSpecifier') continue;
    const local = nameOf(childOf(each, 'local')) ?? '';
    const imported = nameOf(childOf(each, 'imported')) ?? local;
    if (specifier.startsWith(powerPrefix)) scope.powers.set(local, imported);
    else if (specifier.startsWith('.') && paths.has(target)) scope.imports.set(local, { path: target, name: imported });
  }
};

/** A value and the file in which its names mean something. */
interface Placed {
  node: TreeNode;
  scope: FileScope;
}

const resolve = (scopes: ReadonlyMap<string, FileScope>, scope: FileScope, name: string, depth = 0): Placed | undefined => {
  const node = scope.values.get(name);
  if (node?.type === 'Identifier' && depth < 16) return resolve(scopes, scope, nameOf(node) ?? '', depth + 1);
  if (node) return { node, scope };
  const imported = scope.imports.get(name);
  const there = imported && scopes.get(imported.path);
  return there && depth < 16 ? resolve(scopes, there, imported.name, depth + 1) : undefined;
};

/** Members of an object that are written out. */
const members = (node: TreeNode): { name: string; value: TreeNode }[] =>
  node.type === 'ObjectExpression'
    ? childrenOf(node, 'properties').flatMap((property) => {
        const name = property['computed'] === true ? undefined : nameOf(childOf(property, 'key'));
        const value = childOf(property, 'value');
        return name === undefined || !value ? [] : [{ name, value }];
      })
    : [];

interface Following {
  scopes: ReadonlyMap<string, FileScope>;
  operation: string;
  seen: Set<TreeNode>;
  deeds: Deed[];
}

const isFunction = ({ type }: TreeNode): boolean =>
  type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';

const follow = (following: Following, { node, scope }: Placed): void => {
  if (!isFunction(node) || following.seen.has(node)) return;
  following.seen.add(node);
  walkTree(node, (inner) => {
    if (inner.type !== 'CallExpression') return;
    const callee = childOf(inner, 'callee');
    if (callee?.type === 'Identifier') {
      const called = resolve(following.scopes, scope, nameOf(callee) ?? '');
      if (called) follow(following, called);
    } else if (callee?.type === 'MemberExpression') memberCall(following, { node: inner, scope }, callee);
  });
};

const memberCall = (following: Following, { node, scope }: Placed, callee: TreeNode): void => {
  const owner = nameOf(childOf(callee, 'object'));
  const method = callee['computed'] === true ? undefined : nameOf(childOf(callee, 'property'));
  if (owner === undefined || method === undefined) return;
  const power = scope.powers.get(owner);
  if (power !== undefined) {
    const verb = power === 'http' ? { verb: verbOf(node) } : {};
    following.deeds.push({ operation: following.operation, power, method, ...verb, file: scope.path, offset: node.start });
    return;
  }
  const object = resolve(following.scopes, scope, owner);
  const member = object && members(object.node).find(({ name }) => name === method);
  if (object && member) follow(following, { node: member.value, scope: object.scope });
};

/** The method of a request, from the object of options beside the address. */
const verbOf = (call: TreeNode): string => {
  const options = childrenOf(call, 'arguments')[1];
  if (!options) return 'GET';
  if (options.type !== 'ObjectExpression') return '?';
  const method = members(options).find(({ name }) => name === 'method');
  if (method) return textOf(method.value)?.toUpperCase() ?? '?';
  return childrenOf(options, 'properties').some(({ type }) => type === 'SpreadElement') ? '?' : 'GET';
};
