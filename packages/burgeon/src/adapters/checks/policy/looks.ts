import { dangerousMembers } from './names.ts';
import { type Binding, type Place, type Scopes, freeName, resolve } from './scopes.ts';
import { type SyntaxNode, bare, isFunction, nodeIn, nodesIn } from './syntax.ts';

/** Through these a maker of code can be made to work, or is given back, without being called by name. */
const callingMembers = new Set(['call', 'apply', 'bind', 'valueOf']);

/** True when a member of the value is read by a plain name that cannot make the value itself work. */
export const isPlainRead = (node: SyntaxNode, place: Place): boolean => {
  const name = plainlyRead(node, place);
  return name !== undefined && !callingMembers.has(name);
};

/** The plain, harmless name of the member of the value that is read where it stands; undefined when something else is done with the value. */
const plainlyRead = (node: SyntaxNode, { scopes }: Place): string | undefined => {
  const outer = scopes.around(node);
  if (outer?.type !== 'MemberExpression' || outer['computed'] === true || bare(nodeIn(outer, 'object') ?? outer) !== node)
    return undefined;
  const name = String(nodeIn(outer, 'property')?.['name']);
  return dangerousMembers.has(name) || isWritten(outer, scopes) ? undefined : name;
};

/** `Shape.prototype.area.call(shape)`: a method of the value is read. `called` where it is left to work on the value itself. */
export const methodRead = (node: SyntaxNode, place: Place): 'read' | 'called' | undefined => {
  const method = plainlyRead(node, place) === undefined ? undefined : place.scopes.around(node);
  return method && (isCallee(method, place.scopes) ? 'called' : 'read');
};

const isCallee = (node: SyntaxNode, scopes: Scopes): boolean => {
  const outer = scopes.around(node);
  const calls = outer?.type === 'CallExpression' || outer?.type === 'NewExpression';
  return calls && bare(nodeIn(outer, 'callee') ?? outer) === node;
};

/** True for the target of an assignment, also of one in a pattern, and for what is deleted. */
export const isWritten = (member: SyntaxNode, scopes: Scopes): boolean => {
  const outer = scopes.around(member);
  switch (outer?.type) {
    case 'AssignmentExpression':
    case 'AssignmentPattern':
    case 'ForInStatement':
    case 'ForOfStatement':
      return bare(nodeIn(outer, 'left') ?? outer) === member;
    case 'Property':
      return scopes.around(outer)?.type === 'ObjectPattern';
    case 'UnaryExpression':
      return outer['operator'] === 'delete';
    default:
      return outer !== undefined && /^(?:UpdateExpression|ArrayPattern|RestElement)$/.test(outer.type);
  }
};

const comparisons = new Set(['===', '!==', '==', '!=', 'in']);
/** Functions of the language that do nothing with one of their arguments, and which. */
const onlyLooking: ReadonlyMap<string, number> = new Map([
  ['Object.is', 0],
  ['Object.create', 0],
  ['Object.getPrototypeOf', 0],
  ['Object.getOwnPropertyNames', 0],
  ['Object.getOwnPropertySymbols', 0],
  ['Object.keys', 0],
  ['Object.hasOwn', 0],
  ['Object.isFrozen', 0],
  ['Object.isSealed', 0],
  ['Object.isExtensible', 0],
  ['Error.captureStackTrace', 1],
]);

/** `if (Object.setPrototypeOf)`, `typeof x.prototype === 'object'`: asked whether it is there, or what it is. */
export const isTested = (node: SyntaxNode, place: Place): boolean => {
  const outer = place.scopes.around(node);
  return outer !== undefined && /^(?:Binary|Unary|If|Conditional|Logical|While|For)/.test(outer.type) && isLookedAt(node, place);
};

/** True when nothing can be done with a value where it stands: it is compared, tested, or asked for its name. */
export const isLookedAt = (node: SyntaxNode, place: Place, seen: Set<Binding> = new Set()): boolean => {
  const outer = place.scopes.around(node);
  if (!outer) return false;
  const at = (field: string): boolean => bare(nodeIn(outer, field) ?? outer) === node;
  switch (outer.type) {
    case 'BinaryExpression':
      // What stands to the left of `instanceof` is handed to a function of the right side.
      return comparisons.has(outer['operator'] as string) || (outer['operator'] === 'instanceof' && at('right'));
    case 'UnaryExpression':
      return outer['operator'] === 'typeof' || outer['operator'] === '!';
    case 'IfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForStatement':
    case 'SwitchCase':
    case 'SwitchStatement':
      return at('test') || at('discriminant');
    case 'ConditionalExpression':
      return at('test') || isLookedAt(outer, place, seen);
    case 'LogicalExpression':
      return (outer['operator'] === '&&' && at('left')) || isLookedAt(outer, place, seen);
    case 'CallExpression':
      return !at('callee') && argument(outer, onlyLooking.get(calleeName(outer, place)) ?? -1) === node;
    case 'MemberExpression':
      return at('object') && asksName(outer, place);
    case 'TemplateLiteral':
      return place.scopes.around(outer)?.type !== 'TaggedTemplateExpression';
    default:
      return isKeptToLook(node, place, seen);
  }
};

const asksName = (outer: SyntaxNode, { scopes }: Place): boolean => {
  const name = outer['computed'] === true ? undefined : nodeIn(outer, 'property')?.['name'];
  // What is then done with the maker is judged where it is named.
  return name === 'constructor' || (name === 'name' && !isWritten(outer, scopes));
};

/** `const prototype = Object.getPrototypeOf(x)`, when the name is only looked at everywhere. */
const isKeptToLook = (node: SyntaxNode, place: Place, seen: Set<Binding>): boolean => {
  const binding = keptAs(node, place);
  if (binding === undefined) return false;
  // Names that are given to one another in a circle add nothing.
  if (seen.has(binding)) return true;
  seen.add(binding);
  return binding.uses.every((use) => isDeclared(use, place) || isLookedAt(use, placeOf(use, place), seen));
};

/** Names may stand for something else where a value is used than where it came from. */
const placeOf = (use: SyntaxNode, { scopes }: Place): Place => ({ scopes, scope: scopes.at(use) });

/** `const { constructor } = value`, when the name is only looked at everywhere. */
export const isTakenToLook = (property: SyntaxNode, place: Place): boolean => {
  const { scopes } = place;
  const taken = nodeIn(property, 'value');
  const declarator = scopes.around(scopes.around(property) ?? property);
  const declaration = declarator?.type === 'VariableDeclarator' ? scopes.around(declarator) : undefined;
  if (taken?.type !== 'Identifier' || !declaration || scopes.around(declaration)?.type === 'ExportNamedDeclaration') return false;
  const uses = resolve(taken['name'] as string, place.scope)?.uses ?? [];
  return uses.every((use) => use === taken || isLookedAt(use, placeOf(use, place)));
};

/** The variable that a value becomes, unless the value goes elsewhere too. */
export const keptAs = (node: SyntaxNode, { scopes, scope }: Place): Binding | undefined => {
  const outer = scopes.around(node);
  const at = (field: string): boolean => outer !== undefined && bare(nodeIn(outer, field) ?? outer) === node;
  const declared = outer?.type === 'VariableDeclarator' && at('init') ? nodeIn(outer, 'id') : undefined;
  const written =
    outer?.type === 'AssignmentExpression' && at('right') && isStatement(outer, scopes) ? nodeIn(outer, 'left') : undefined;
  const name = declared ?? written;
  return name?.type === 'Identifier' ? resolve(name['name'] as string, scope) : undefined;
};

/** A plain assignment whose value nothing else takes. */
const isStatement = (assignment: SyntaxNode, scopes: Scopes): boolean => {
  const outer = scopes.around(assignment);
  const dropped =
    outer?.type === 'ExpressionStatement' || (outer?.type === 'ForStatement' && nodeIn(outer, 'update') === assignment);
  return assignment['operator'] === '=' && dropped;
};

/** True where a name is declared for this module alone, or written; false where it is read. */
export const isDeclared = (use: SyntaxNode, { scopes }: Place): boolean => {
  const outer = scopes.around(use);
  if (outer?.type === 'VariableDeclarator') {
    const declaration = scopes.around(outer);
    const exported = declaration !== undefined && scopes.around(declaration)?.type === 'ExportNamedDeclaration';
    return nodeIn(outer, 'id') === use && !exported;
  }
  if (outer?.type === 'AssignmentExpression') return nodeIn(outer, 'left') === use && isStatement(outer, scopes);
  return outer !== undefined && isFunction(outer) && nodesIn(outer, 'params').includes(use);
};

/** `Object.create` for a call of it. */
export const calleeName = (call: SyntaxNode, { scope }: Place): string => {
  const callee = bare(nodeIn(call, 'callee') ?? call);
  const holder = callee.type === 'MemberExpression' && callee['computed'] !== true ? nodeIn(callee, 'object') : undefined;
  return holder ? `${freeName(holder, scope) ?? ''}.${String(nodeIn(callee, 'property')?.['name'])}` : '';
};

/** The argument of a call at a place, without casts. */
export const argument = (call: SyntaxNode | undefined, index: number): SyntaxNode | undefined => {
  const found = call && nodesIn(call, 'arguments')[index];
  return found && bare(found);
};
