import type { Finding, Neighbours } from './finding.ts';
import { foldedName } from './fold.ts';
import { allowedGlobals, dangerousMembers, hostObjects, namedGlobals, timers, writers } from './names.ts';
import { judgeModuleSyntax } from './reaches.ts';
import { judgeReceiver, judgeText } from './receivers.ts';
import { type Scope, type Scopes, findScopes, freeName, isOwnMaker, resolve, treeDepth, writtenBy } from './scopes.ts';
import { type SyntaxNode, bare, children, nodeIn, nodesIn } from './syntax.ts';

/** Judges a parsed module; default is deny. Findings come in source order. */
export const judge = (program: SyntaxNode, neighbours: Neighbours): Finding[] => {
  const judging = new Judging(findScopes(program), neighbours);
  judging.visit(program, undefined, judging.scopes.root, 0);
  return judging.found.toSorted((a, b) => a.offset - b.offset);
};

const hintOfPower = 'Import the capability instead: import { ... } from "burgeon:cap/...".';

class Judging {
  readonly found: Finding[] = [];
  readonly scopes: Scopes;
  private readonly neighbours: Neighbours;

  constructor(scopes: Scopes, neighbours: Neighbours) {
    this.scopes = scopes;
    this.neighbours = neighbours;
  }

  visit(node: SyntaxNode, parent: SyntaxNode | undefined, outer: Scope, depth: number): void {
    if (depth > treeDepth) throw new RangeError('the code is nested too deeply');
    const scope = this.scopes.opened(node) ?? outer;
    this.found.push(...judgeReceiver(node, parent), ...judgeText(node, parent));
    if (node.type === 'Identifier') this.name(node, parent, scope);
    else if (node.type === 'MemberExpression') this.member(node, parent, scope);
    else if (node.type === 'ObjectPattern' || node.type === 'ObjectExpression') this.properties(node, scope);
    else if (node.type === 'CallExpression' || node.type === 'NewExpression') this.call(node, scope);
    else if (node.type === 'VariableDeclarator' || node.type === 'AssignmentExpression') this.destructured(node, scope);
    else this.found.push(...judgeModuleSyntax(node, this.neighbours));
    for (const target of writtenBy(node)) this.write(target, scope);
    for (const child of children(node)) this.visit(child, node, scope, depth + 1);
  }

  private deny(rule: string, node: SyntaxNode, message: string, hint?: string): void {
    this.found.push({ rule, severity: 'error', message, offset: node.start, ...(hint === undefined ? {} : { hint }) });
  }

  private name(node: SyntaxNode, parent: SyntaxNode | undefined, scope: Scope): void {
    const name = node['name'] as string;
    if (allowedGlobals.has(name) || resolve(name, scope)) return;
    if (parent?.type === 'UnaryExpression' && parent['operator'] === 'typeof') return;
    this.deny(namedGlobals.get(name) ?? 'policy-global', node, `"${name}" is not a name a module may use.`, hintOfPower);
  }

  private member(node: SyntaxNode, parent: SyntaxNode | undefined, scope: Scope): void {
    const property = nodeIn(node, 'property');
    const object = nodeIn(node, 'object');
    if (!property || !object || property.type === 'PrivateIdentifier') return;
    if (node['computed'] !== true) this.plainMember(node, parent, scope);
    else this.computedKey(property, object, scope);
  }

  private plainMember(node: SyntaxNode, parent: SyntaxNode | undefined, scope: Scope): void {
    const name = nodeIn(node, 'property')?.['name'] as string;
    this.environment(name, node, nodeIn(node, 'object'), scope);
    if (name === 'prototype' && (isBorrowed(node, parent, scope) || isOwnMaker(nodeIn(node, 'object') ?? node, scope))) return;
    this.key(name, node);
  }

  /** `process.env`, `import.meta.env` and the like, however the name is written. */
  private environment(name: string, node: SyntaxNode, object: SyntaxNode | undefined, scope: Scope): void {
    if (name !== 'env' || !object) return;
    const host = freeName(object, scope);
    if (bare(object).type !== 'MetaProperty' && (host === undefined || !hostObjects.has(host))) return;
    this.deny('BP-10', node, 'A module has no environment.', 'Ask for a secret instead: the host puts it where it is needed.');
  }

  private destructured(node: SyntaxNode, scope: Scope): void {
    const pattern = nodeIn(node, node.type === 'VariableDeclarator' ? 'id' : 'left');
    const from = nodeIn(node, node.type === 'VariableDeclarator' ? 'init' : 'right');
    if (pattern?.type !== 'ObjectPattern') return;
    for (const property of nodesIn(pattern, 'properties')) {
      const key = nodeIn(property, 'key');
      if (key) this.environment(String(key['name'] ?? key['value']), key, from, scope);
    }
  }

  private key(name: string, node: SyntaxNode): void {
    const rule = dangerousMembers.get(name);
    if (rule !== undefined) this.deny(rule, node, `"${name}" leads out of the module's own values.`);
  }

  /** A key in brackets: judged by its value when that is plain, else left to the walls with a warning. */
  private computedKey(key: SyntaxNode, object: SyntaxNode | undefined, scope: Scope): void {
    const expression = bare(key);
    if (expression.type === 'ConditionalExpression' || expression.type === 'LogicalExpression') {
      const branches = expression.type === 'LogicalExpression' ? ['left', 'right'] : ['consequent', 'alternate'];
      for (const field of branches) this.computedKey(nodeIn(expression, field) ?? key, object, scope);
      return;
    }
    if (isSymbol(expression, scope)) return;
    const known = foldedName(expression, scope);
    if (known) {
      this.key(known.name, key);
      this.environment(known.name, key, object, scope);
    }
    if (known?.sure || isNumeric(expression)) return;
    if (!known && !mentionsName(expression))
      return this.deny('policy-obfuscated', key, 'A property name is computed from punctuation alone.');
    const message = 'This property name is not known before the code runs; the walls guard it.';
    this.found.push({ rule: 'policy-computed', severity: 'warning', message, offset: key.start });
  }

  private properties(node: SyntaxNode, scope: Scope): void {
    for (const property of nodesIn(node, 'properties')) {
      const key = nodeIn(property, 'key');
      if (!key) continue;
      const literal = node.type === 'ObjectExpression';
      if (property['computed'] === true && !literal) this.computedKey(key, undefined, scope);
      if (property['computed'] === true) continue;
      const name = String(key['name'] ?? key['value']);
      if (!literal || setsPrototype(name, property)) this.key(name, key);
    }
  }

  private call(node: SyntaxNode, scope: Scope): void {
    const callee = nodeIn(node, 'callee');
    const [first] = nodesIn(node, 'arguments');
    if (!callee || !first) return;
    const name = freeName(callee, scope);
    if (name !== undefined && timers.has(name) && isText(first, scope))
      this.deny('policy-timer', first, `"${name}" takes a function, not text.`);
    const method = bare(callee).type === 'MemberExpression' ? dotted(bare(callee), scope) : undefined;
    if (method !== undefined && writers.has(method)) this.write(first, scope, true);
  }

  private write(target: SyntaxNode, scope: Scope, whole = false): void {
    let root = bare(target);
    while (root.type === 'MemberExpression') root = bare(nodeIn(root, 'object') ?? root);
    const name = root === bare(target) && !whole ? plainFree(root, scope) : freeName(root, scope);
    if (name === undefined || name === 'this' || name === 'arguments' || !allowedGlobals.has(name)) return;
    this.deny('policy-intrinsic', target, `"${name}" belongs to the language; a module may not change it.`);
  }
}

/** `{ __proto__: x }`; an object without a prototype, `{ __proto__: null }`, is harmless. */
const setsPrototype = (name: string, property: SyntaxNode): boolean => {
  if (name !== '__proto__' || property['shorthand'] === true || property['method'] === true) return false;
  const value = nodeIn(property, 'value');
  return value?.type !== 'Literal' || value['raw'] !== 'null';
};

const plainFree = (node: SyntaxNode, scope: Scope): string | undefined => {
  const name = node.type === 'Identifier' ? (node['name'] as string) : undefined;
  return name === undefined || resolve(name, scope) ? undefined : name;
};

const dotted = (member: SyntaxNode, scope: Scope): string | undefined => {
  const holder = nodeIn(member, 'object');
  const property = nodeIn(member, 'property');
  if (!holder || !property) return undefined;
  const name = member['computed'] === true ? foldedName(property, scope)?.name : (property['name'] as string);
  return `${freeName(holder, scope) ?? ''}.${name ?? ''}`;
};

/** Holders whose methods are commonly borrowed: `Object.prototype.hasOwnProperty.call(...)`. */
const lenders = new Set(['Object', 'Array', 'String', 'Number', 'Map', 'Set', 'RegExp', 'Date']);

/** True for `Array.prototype.slice` and its like: a method that is read, of an intrinsic that is not hidden behind another name. */
const isBorrowed = (node: SyntaxNode, parent: SyntaxNode | undefined, scope: Scope): boolean => {
  const holder = plainFree(bare(nodeIn(node, 'object') ?? node), scope);
  const method = parent?.type === 'MemberExpression' && parent['computed'] !== true && nodeIn(parent, 'object') === node;
  return holder !== undefined && lenders.has(holder) && method;
};

const isSymbol = (node: SyntaxNode, scope: Scope): boolean => {
  const object = node.type === 'MemberExpression' && node['computed'] !== true ? nodeIn(node, 'object') : undefined;
  return object !== undefined && plainFree(bare(object), scope) === 'Symbol';
};

const numeric = new Set(['-', '*', '/', '%', '**', '|', '&', '^', '<<', '>>', '>>>']);

/** True when an expression can only be a number or a comparison's outcome, so that it names an element, not a member. */
const isNumeric = (node: SyntaxNode, depth = 0): boolean => {
  const at = bare(node);
  if (depth > 16) return false;
  if (at.type === 'Literal') return typeof at['value'] === 'number';
  if (at.type === 'UpdateExpression') return true;
  if (at.type === 'UnaryExpression') return at['operator'] === '-' || at['operator'] === '+' || at['operator'] === '~';
  const sides = (['left', 'right'] as const).map((side) => nodeIn(at, side));
  if (at.type === 'BinaryExpression' && numeric.has(at['operator'] as string)) return true;
  return at.type === 'BinaryExpression' && at['operator'] === '+' && sides.every((side) => side && isNumeric(side, depth + 1));
};

const mentionsName = (node: SyntaxNode, depth = 0): boolean =>
  node.type === 'Identifier' ||
  node.type === 'ThisExpression' ||
  node.type === 'PrivateIdentifier' ||
  (depth < 200 && children(node).some((child) => mentionsName(child, depth + 1)));

const isText = (node: SyntaxNode, scope: Scope): boolean => {
  const at = bare(node);
  return (
    at.type === 'Literal' ||
    at.type === 'TemplateLiteral' ||
    at.type === 'BinaryExpression' ||
    foldedName(at, scope) !== undefined
  );
};
