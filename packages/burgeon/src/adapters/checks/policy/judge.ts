import { judgeCall, judgeTag } from './calls.ts';
import type { Finding, Neighbours } from './finding.ts';
import { foldedName, memberName } from './fold.ts';
import { isNumeric, isSymbol, mentionsName } from './keys.ts';
import { languageName } from './language.ts';
import { isTakenToLook } from './looks.ts';
import { judgeMember } from './members.ts';
import { allowedGlobals, dangerousMembers, hostMembers, hostObjects, innerMembers, namedGlobals, writers } from './names.ts';
import { judgeModuleSyntax } from './reaches.ts';
import { isInFunction, judgeReceiver } from './receivers.ts';
import {
  type Place,
  type Scope,
  type Scopes,
  findScopes,
  freeName,
  isOwnMaker,
  resolve,
  treeDepth,
  writtenBy,
} from './scopes.ts';
import { judgeState } from './state.ts';
import { type SyntaxNode, bare, children, nodeIn, nodesIn } from './syntax.ts';
import { judgeHook, judgeText, judgeValue } from './values.ts';

/** Judges a parsed module; default is deny. Findings come in source order. */
export const judge = (program: SyntaxNode, neighbours: Neighbours): Finding[] => {
  const judging = new Judging(findScopes(program), neighbours);
  judging.visit(program, { scopes: judging.scopes, scope: judging.scopes.root }, 0);
  return [...judging.found, ...judgeState(program, judging.scopes)].toSorted((a, b) => a.offset - b.offset);
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

  visit(node: SyntaxNode, outer: Place, depth: number): void {
    if (depth > treeDepth) throw new RangeError('the code is nested too deeply');
    const opened = this.scopes.opened(node);
    const place = opened ? { scopes: this.scopes, scope: opened } : outer;
    this.take(judgeReceiver(node, place));
    if (node.type === 'Literal') this.take(judgeText(node, place));
    else this.take(judgeHook(node, place));
    if (node.type === 'Identifier') this.name(node, place);
    else if (node.type === 'MemberExpression') this.member(node, place);
    else if (node.type === 'ObjectPattern' || node.type === 'ObjectExpression') this.properties(node, place);
    else if (node.type === 'CallExpression' || node.type === 'NewExpression') this.call(node, place);
    else if (node.type === 'TaggedTemplateExpression') this.take(judgeTag(node, place));
    else if (node.type === 'VariableDeclarator' || node.type === 'AssignmentExpression') this.destructured(node, place.scope);
    else this.take(judgeModuleSyntax(node, this.scopes.around(node), this.neighbours));
    for (const target of writtenBy(node)) this.write(target, place.scope);
    for (const child of children(node)) this.visit(child, place, depth + 1);
  }

  private take(found: readonly Finding[]): void {
    if (found.length > 0) this.found.push(...found);
  }

  private deny(rule: string, node: SyntaxNode, message: string, hint?: string): void {
    this.found.push({ rule, severity: 'error', message, offset: node.start, ...(hint === undefined ? {} : { hint }) });
  }

  private warn(rule: string, node: SyntaxNode, message: string): void {
    this.found.push({ rule, severity: 'warning', message, offset: node.start });
  }

  private name(node: SyntaxNode, place: Place): void {
    const name = node['name'] as string;
    if (resolve(name, place.scope)) return;
    const given = allowedGlobals.has(name) && (name !== 'arguments' || isInFunction(node, this.scopes));
    if (given) return this.take(judgeValue(node, place));
    const parent = this.scopes.around(node);
    if (parent?.type === 'UnaryExpression' && parent['operator'] === 'typeof') return;
    this.deny(namedGlobals.get(name) ?? 'policy-global', node, `"${name}" is not a name a module may use.`, hintOfPower);
  }

  private member(node: SyntaxNode, place: Place): void {
    const property = nodeIn(node, 'property');
    if (!property || property.type === 'PrivateIdentifier') return;
    if (node['computed'] === true) this.computedKey(property, { node, object: nodeIn(node, 'object') }, place);
    else this.plainMember(node, property['name'] as string, place);
  }

  private plainMember(node: SyntaxNode, name: string, place: Place): void {
    this.hostMember(name, node, nodeIn(node, 'object'), place.scope);
    if (innerMembers.has(name)) return this.innerMember(name, node, place.scope);
    const rule = dangerousMembers.get(name);
    if (rule === undefined) return;
    const verdict = judgeMember(node, name, place);
    if (verdict === 'refused') this.key(name, node);
    if (verdict === 'guarded') this.warn(rule, node, `"${name}" is left to the walls, which guard where it leads.`);
  }

  /** `process.env`, `import.meta.env` and the like, however the name is written; told where the process is a member of something. */
  private hostMember(name: string, node: SyntaxNode, object: SyntaxNode | undefined, scope: Scope): void {
    const rule = hostMembers.get(name);
    const holder = object && bare(object);
    if (rule === undefined || !holder || !isHost(holder, scope)) return;
    if (holder.type === 'MemberExpression') return this.warn(rule, node, `On a process "${name}" would reach the machine.`);
    if (name !== 'env') return this.deny(rule, node, `A module has no process with "${name}".`);
    this.deny(rule, node, 'A module has no environment.', 'Ask for a secret instead: the host puts it where it is needed.');
  }

  /** `arguments.callee`, `own.caller`: on functions a way to other functions, on data a word like any other. */
  private innerMember(name: string, node: SyntaxNode, scope: Scope): void {
    const object = bare(nodeIn(node, 'object') ?? node);
    const isInner =
      plainFree(object, scope) === 'arguments' || isOwnMaker(object, scope) || /^(?:Arrow)?Function/.test(object.type);
    if (isInner) this.deny('policy-member', node, `"${name}" leads out of the module's own values.`);
    // As a word of data "arguments" is everywhere, and strict functions have none.
    else if (name !== 'arguments')
      this.warn('policy-member', node, `On a function "${name}" would lead to other functions; strict code is given nothing.`);
  }

  private destructured(node: SyntaxNode, scope: Scope): void {
    const pattern = nodeIn(node, node.type === 'VariableDeclarator' ? 'id' : 'left');
    const from = nodeIn(node, node.type === 'VariableDeclarator' ? 'init' : 'right');
    if (pattern?.type !== 'ObjectPattern') return;
    for (const property of nodesIn(pattern, 'properties')) {
      const key = nodeIn(property, 'key');
      if (key) this.hostMember(String(key['name'] ?? key['value']), key, from, scope);
    }
  }

  private key(name: string, node: SyntaxNode): void {
    const rule = dangerousMembers.get(name);
    if (rule !== undefined) this.deny(rule, node, `"${name}" leads out of the module's own values.`);
    else if (innerMembers.has(name) && name !== 'arguments')
      this.warn('policy-member', node, `On a function "${name}" would lead to other functions.`);
  }

  /** A key in brackets: judged by its value when that is plain, else left to the walls with a warning. */
  private computedKey(key: SyntaxNode, access: Access, place: Place): void {
    const expression = bare(key);
    if (expression.type === 'ConditionalExpression' || expression.type === 'LogicalExpression') {
      const branches = expression.type === 'LogicalExpression' ? ['left', 'right'] : ['consequent', 'alternate'];
      for (const field of branches) this.computedKey(nodeIn(expression, field) ?? key, access, place);
      return;
    }
    if (isSymbol(expression, place.scope)) return;
    const known = foldedName(expression, place.scope);
    if (known && access.node && expression.type === 'Literal') this.plainMember(access.node, known.name, place);
    else if (known) {
      this.key(known.name, key);
      this.hostMember(known.name, key, access.object, place.scope);
    }
    if (known?.sure || isNumeric(expression)) return;
    if (!known && !mentionsName(expression))
      return this.deny('policy-obfuscated', key, 'A property name is computed from punctuation alone.');
    this.warn('policy-computed', key, 'This property name is not known before the code runs; the walls guard it.');
  }

  private properties(node: SyntaxNode, place: Place): void {
    for (const property of nodesIn(node, 'properties')) {
      const key = nodeIn(property, 'key');
      if (!key) continue;
      const literal = node.type === 'ObjectExpression';
      if (property['computed'] === true && !literal) this.computedKey(key, {}, place);
      if (property['computed'] === true) continue;
      const name = String(key['name'] ?? key['value']);
      const taken = !literal && !(name === 'constructor' && isTakenToLook(property, place));
      if (taken || setsPrototype(name, property)) this.key(name, key);
    }
  }

  private call(node: SyntaxNode, place: Place): void {
    this.take(judgeCall(node, place));
    const callee = bare(nodeIn(node, 'callee') ?? node);
    const [first] = nodesIn(node, 'arguments');
    const method = first && callee.type === 'MemberExpression' ? dotted(callee, place.scope) : undefined;
    if (first && method !== undefined && writers.has(method)) this.write(first, place.scope, true);
  }

  private write(target: SyntaxNode, scope: Scope, whole = false): void {
    const written = bare(target);
    if (written.type === 'Identifier' && !whole && resolve(written['name'] as string, scope)) return;
    const changed = written.type === 'MemberExpression' && !whole ? (nodeIn(written, 'object') ?? written) : written;
    const name = languageName(changed, scope);
    if (name !== undefined)
      this.deny('policy-intrinsic', target, `"${name}" belongs to the language; a module may not change it.`);
  }
}

/** The member and the object to which a key in brackets belongs; neither in a pattern. */
interface Access {
  node?: SyntaxNode;
  object?: SyntaxNode | undefined;
}

/** `{ __proto__: x }`; an object without a prototype, `{ __proto__: null }`, is harmless. */
const setsPrototype = (name: string, property: SyntaxNode): boolean => {
  if (name !== '__proto__' || property['shorthand'] === true || property['method'] === true) return false;
  const value = nodeIn(property, 'value');
  return value?.type !== 'Literal' || value['raw'] !== 'null';
};

/** The process of a host, by its free name or as a member of anything, or `import.meta`. */
const isHost = (object: SyntaxNode, scope: Scope): boolean => {
  const name = object.type === 'MemberExpression' ? memberName(object, scope) : freeName(object, scope);
  return object.type === 'MetaProperty' || (name !== undefined && hostObjects.has(name));
};

const plainFree = (node: SyntaxNode, scope: Scope): string | undefined => {
  const name = node.type === 'Identifier' ? (node['name'] as string) : undefined;
  return name === undefined || resolve(name, scope) ? undefined : name;
};

const dotted = (member: SyntaxNode, scope: Scope): string | undefined => {
  const holder = nodeIn(member, 'object');
  return holder && `${freeName(holder, scope) ?? ''}.${memberName(member, scope) ?? ''}`;
};
