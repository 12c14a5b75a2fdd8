import { type SyntaxNode, bare, children, isFunction, isTransparent, nodeIn, nodesIn, patternTargets } from './syntax.ts';

/** One declared name. `value` is what it is initialised with when nothing else is ever written to it. */
export interface Binding {
  value?: SyntaxNode;
  /** For a name that a pattern takes: `Math` and `random` after `const { random } = Math`. */
  taken?: { from: SyntaxNode; name: string };
  /** Scope in which `value` and what it is taken from stand. */
  scope: Scope;
  written: boolean;
  /** Where the name stands in expressions, its declarations and plain writes among them. */
  uses: SyntaxNode[];
  /** The function whose parameter it is. */
  parameterOf?: SyntaxNode;
}

/** The names one stretch of code declares. Modules are strict, so functions in blocks stay in their block. */
export interface Scope {
  readonly bindings: Map<string, Binding>;
  readonly parent: Scope | undefined;
  /** True where `var` comes to rest. */
  readonly floor: boolean;
}

/** The scopes of a module, by the node that opens them. */
export interface Scopes {
  root: Scope;
  /** The scope a node opens, or undefined. */
  opened(node: SyntaxNode): Scope | undefined;
  /** The scope in which a node stands. */
  at(node: SyntaxNode): Scope;
  /** The node around another; casts, `!`, chains and parentheses are looked through. */
  around(node: SyntaxNode): SyntaxNode | undefined;
}

/** Where code is judged. */
export interface Place {
  scopes: Scopes;
  scope: Scope;
}

/** How deep a tree may be before judging it is given up. */
export const treeDepth = 2_000;

const blocks = new Set([
  'BlockStatement',
  'StaticBlock',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'SwitchStatement',
  'CatchClause',
  'ClassDeclaration',
  'ClassExpression',
  'TSEnumBody',
  'TSModuleBlock',
]);

/** The nearest binding of a name; undefined for a free name. */
export const resolve = (name: string, scope: Scope): Binding | undefined => {
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    const binding = at.bindings.get(name);
    if (binding) return binding;
  }
  return undefined;
};

/** Finds every declaration and every later write. @throws {RangeError} when the tree is deeper than {@link treeDepth} */
export const findScopes = (program: SyntaxNode): Scopes => {
  const collector = new Collector(program);
  collector.visit(program, collector.root, 0);
  collector.settle();
  return {
    root: collector.root,
    opened: (node) => collector.opened.get(node),
    at: (node) => {
      let outer: SyntaxNode | undefined = node;
      while (outer && !collector.opened.has(outer)) outer = collector.parents.get(outer);
      return (outer && collector.opened.get(outer)) ?? collector.root;
    },
    around: (node) => {
      let outer = collector.parents.get(node);
      while (outer && isTransparent(outer)) outer = collector.parents.get(outer);
      return outer;
    },
  };
};

const newScope = (parent: Scope | undefined, floor: boolean): Scope => ({ bindings: new Map(), parent, floor });

class Collector {
  readonly opened = new Map<SyntaxNode, Scope>();
  readonly root: Scope = newScope(undefined, true);
  readonly parents = new Map<SyntaxNode, SyntaxNode>();
  private readonly writes: { name: string; scope: Scope }[] = [];
  private readonly uses: { node: SyntaxNode; scope: Scope }[] = [];

  constructor(program: SyntaxNode) {
    this.opened.set(program, this.root);
  }

  visit(node: SyntaxNode, outer: Scope, depth: number): void {
    if (depth > treeDepth) throw new RangeError('the code is nested too deeply');
    const scope = this.open(node, outer);
    this.declareIn(node, scope, outer);
    this.recordWrites(node, scope);
    if (node.type === 'Identifier') this.uses.push({ node, scope });
    for (const child of children(node)) {
      this.parents.set(child, node);
      this.visit(child, scope, depth + 1);
    }
  }

  /** Marks what is written after it was declared, and gives each name its uses. */
  settle(): void {
    for (const { node, scope } of this.uses) resolve(node['name'] as string, scope)?.uses.push(node);
    for (const { name, scope } of this.writes) {
      const binding = resolve(name, scope);
      if (binding) binding.written = true;
    }
  }

  private open(node: SyntaxNode, outer: Scope): Scope {
    if (!isFunction(node) && !blocks.has(node.type)) return this.opened.get(node) ?? outer;
    const known = this.opened.get(node);
    if (known) return known;
    const scope = newScope(outer, node.type === 'StaticBlock' || node.type === 'TSModuleBlock');
    this.opened.set(node, scope);
    const body = isFunction(node) ? nodeIn(node, 'body') : undefined;
    if (body?.type === 'BlockStatement') this.opened.set(body, newScope(scope, true));
    return scope;
  }

  private declareIn(node: SyntaxNode, scope: Scope, outer: Scope): void {
    if (isFunction(node)) {
      this.name(node, node.type === 'FunctionDeclaration' ? outer : scope);
      for (const parameter of nodesIn(node, 'params')) this.add(patternTargets(parameter), scope, node);
    } else if (node.type === 'ClassDeclaration' || node.type === 'ClassExpression') {
      this.name(node, scope);
      if (node.type === 'ClassDeclaration') this.name(node, outer);
    } else if (node.type === 'CatchClause') this.add(patternTargets(nodeIn(node, 'param')), scope);
    else if (node.type === 'VariableDeclaration') this.variables(node, scope);
    else if (node.type === 'TSEnumDeclaration') this.name(node, scope);
    else if (node.type === 'TSModuleDeclaration' && !holdsTypes(node)) this.add(firstName(nodeIn(node, 'id')), scope);
    else if (node.type === 'TSEnumMember' && node['computed'] !== true) this.name(node, scope);
    else if (node.type === 'ImportDeclaration') {
      const specifiers = nodesIn(node, 'specifiers').filter((specifier) => specifier['importKind'] !== 'type');
      this.add(
        specifiers.flatMap((specifier) => nodeIn(specifier, 'local') ?? []),
        scope,
      );
    }
  }

  private variables(node: SyntaxNode, scope: Scope): void {
    const target = node['kind'] === 'var' ? floorOf(scope) : scope;
    for (const declarator of nodesIn(node, 'declarations')) {
      const id = nodeIn(declarator, 'id');
      const value = nodeIn(declarator, 'init');
      const again = id?.type === 'Identifier' && target.bindings.has(id['name'] as string);
      this.add(patternTargets(id), target);
      if (id?.type === 'ObjectPattern' && value) this.take(id, value, { target, scope });
      const binding = id?.type === 'Identifier' ? target.bindings.get(id['name'] as string) : undefined;
      if (!binding) continue;
      if (again) binding.written = true;
      else if (value) Object.assign(binding, { value, scope });
    }
  }

  private take(pattern: SyntaxNode, from: SyntaxNode, { target, scope }: { target: Scope; scope: Scope }): void {
    for (const property of nodesIn(pattern, 'properties')) {
      const [key, local] = [nodeIn(property, 'key'), nodeIn(property, 'value')];
      if (!key || property['computed'] === true || local?.type !== 'Identifier') continue;
      const binding = target.bindings.get(local['name'] as string);
      if (binding) Object.assign(binding, { taken: { from, name: String(key['name'] ?? key['value']) }, scope });
    }
  }

  private name(node: SyntaxNode, scope: Scope): void {
    const id = nodeIn(node, 'id');
    if (!id) return;
    const again = scope.bindings.has(id['name'] as string);
    this.add([id], scope);
    const binding = scope.bindings.get(id['name'] as string);
    if (binding && !again) Object.assign(binding, { value: node, scope });
  }

  private add(identifiers: SyntaxNode[], scope: Scope, parameterOf?: SyntaxNode): void {
    for (const { type, name } of identifiers) {
      if (type !== 'Identifier' || scope.bindings.has(name as string)) continue;
      const binding: Binding = { scope, written: false, uses: [] };
      scope.bindings.set(name as string, parameterOf ? { ...binding, parameterOf } : binding);
    }
  }

  private recordWrites(node: SyntaxNode, scope: Scope): void {
    for (const target of writtenBy(node))
      if (target.type === 'Identifier') this.writes.push({ name: target['name'] as string, scope });
  }
}

/** `A` of `namespace A.B`. */
const firstName = (id: SyntaxNode | undefined): SyntaxNode[] =>
  id?.type === 'TSQualifiedName' ? firstName(nodeIn(id, 'left')) : patternTargets(id);

/** True for a namespace of types alone, which vanishes with them and stands for nothing. */
const holdsTypes = (namespace: SyntaxNode): boolean => {
  const body = nodeIn(namespace, 'body');
  const held = body?.type === 'TSModuleBlock' ? children(body) : [];
  return held.every((statement) => {
    const declared = nodeIn(statement, 'declaration') ?? statement;
    return declared.type === 'TSModuleDeclaration' && holdsTypes(declared);
  });
};

const floorOf = (scope: Scope): Scope => {
  let at = scope;
  while (!at.floor && at.parent) at = at.parent;
  return at;
};

/** What a node writes to, other than by declaring it: identifiers and members. */
export const writtenBy = (node: SyntaxNode): SyntaxNode[] => {
  if (node.type === 'AssignmentExpression') return patternTargets(nodeIn(node, 'left'));
  if (node.type === 'UpdateExpression') return patternTargets(nodeIn(node, 'argument'));
  if (node.type === 'UnaryExpression' && node['operator'] === 'delete') return patternTargets(nodeIn(node, 'argument'));
  const left = node.type === 'ForInStatement' || node.type === 'ForOfStatement' ? nodeIn(node, 'left') : undefined;
  if (!left) return [];
  if (left.type !== 'VariableDeclaration') return patternTargets(left);
  return nodesIn(left, 'declarations').flatMap((declarator) => patternTargets(nodeIn(declarator, 'id')));
};

/** True when an expression names a function or class that the module itself declares. */
export const isOwnMaker = (node: SyntaxNode, scope: Scope): boolean => {
  const at = bare(node);
  const binding = at.type === 'Identifier' ? resolve(at['name'] as string, scope) : undefined;
  return binding?.value !== undefined && !binding.written && /^(?:Function|Class)/.test(bare(binding.value).type);
};

/** The free name an expression stands for, through constants: `Math` for `M` after `const M = Math`. */
export const freeName = (node: SyntaxNode, scope: Scope): string | undefined => {
  let [at, from] = [bare(node), scope];
  for (let step = 0; step < 16 && at.type === 'Identifier'; step += 1) {
    const binding = resolve(at['name'] as string, from);
    if (!binding) return at['name'] as string;
    if (binding.written || !binding.value) return undefined;
    [at, from] = [bare(binding.value), binding.scope];
  }
  return undefined;
};
