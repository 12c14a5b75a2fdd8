/** JSON Schema as TypeScript text, for code and for people. */
import type { JsonSchema, Operation } from '@burgeon/kit';
import { identifierOf } from './naming.ts';
import { typeNameIn, typeOf } from './schema.ts';
import { commentLines, commentText, docComment, propertyName, quoted } from './source-text.ts';
import { type TypeContext, type TypeMember, type TypeNode, typeNodeOf, unionOf, unknownType } from './type-node.ts';

/** How a type is written. */
export interface PrintOptions {
  /** Indentation of the line the type begins on. Default: none. */
  indent?: string;
  /** True: no line breaks, no comments. */
  inline?: boolean;
}

const literalText = (value: string | number | boolean | null): string =>
  typeof value === 'string' ? quoted(value) : JSON.stringify(value);

const isCompound = (node: TypeNode): boolean => node.kind === 'union' || node.kind === 'intersection';

const grouped = (node: TypeNode, options: PrintOptions): string =>
  isCompound(node) ? `(${printType(node, options)})` : printType(node, options);

/** Documentation of a schema: lines fit for a comment. */
export const documentationOf = (schema: JsonSchema): string[] => {
  if (typeof schema === 'boolean') return [];
  const text = typeof schema.description === 'string' ? schema.description : typeof schema.title === 'string' ? schema.title : '';
  const lines = commentLines(text);
  const tags: string[] = [];
  if (schema.default !== undefined) tags.push(`@defaultValue ${commentText(JSON.stringify(schema.default) ?? '').slice(0, 200)}`);
  if (schema.deprecated === true) tags.push('@deprecated');
  if (lines.length === 0 && typeof schema.format === 'string' && schema.format !== '')
    lines.push(commentText(`Format: ${schema.format}`));
  return [...lines, ...(lines.length > 0 && tags.length > 0 ? [''] : []), ...tags];
};

const memberText = (member: TypeMember, options: PrintOptions): string =>
  `${member.readonly ? 'readonly ' : ''}${propertyName(member.name)}${member.optional ? '?' : ''}: ${printType(member.type, options)}`;

/** The braces and members of an object type. */
export const printMembers = (node: TypeNode & { kind: 'object' }, options: PrintOptions = {}): string => {
  const { indent = '', inline = false } = options;
  if (inline) {
    const members = node.members.map((member) => memberText(member, options));
    if (node.index) members.push(`[key: string]: ${printType(node.index, options)}`);
    return members.length === 0 ? '{}' : `{ ${members.join('; ')} }`;
  }
  const inner = `${indent}  `;
  const within = { ...options, indent: inner };
  let text = '{\n';
  for (const member of node.members)
    text += `${docComment(documentationOf(member.schema), inner)}${inner}${memberText(member, within)};\n`;
  if (node.index) text += `${inner}[key: string]: ${printType(node.index, within)};\n`;
  return `${text}${indent}}`;
};

/** The text of a type. */
export const printType = (node: TypeNode, options: PrintOptions = {}): string => {
  switch (node.kind) {
    case 'word':
      return node.text;
    case 'literal':
      return literalText(node.value);
    case 'array':
      return `${grouped(node.item, options)}[]`;
    case 'tuple': {
      const items = node.items.map((item) => `${grouped(item.type, options)}${item.optional ? '?' : ''}`);
      if (node.rest) items.push(`...${grouped(node.rest, options)}[]`);
      return `[${items.join(', ')}]`;
    }
    case 'object':
      return node.members.length === 0 && !node.index
        ? '{}'
        : printMembers(node, node.members.length === 0 ? { ...options, inline: true } : options);
    default:
      return node.of
        .map((each) => (isCompound(each) ? `(${printType(each, options)})` : printType(each, options)))
        .join(node.kind === 'union' ? ' | ' : ' & ');
  }
};

/** How {@link typeText} writes. */
export interface TypeTextOptions extends PrintOptions {
  types: Record<string, JsonSchema>;
  /** Identifier for a type. Default: references are followed two levels deep, further down they are `unknown`. */
  nameOf?(type: string): string;
  direction?: 'input' | 'output';
}

/** References followed when nothing names the types. */
const expandedLevels = 2;

/** References followed in one text: a bound for types that are wide on every level. */
const expandedReferences = 24;

const expanding = (options: TypeTextOptions, budget: { references: number }, level = 0): TypeContext => ({
  types: options.types,
  bytes: { kind: 'word', text: 'string' },
  direction: options.direction ?? 'output',
  reference: (name) => {
    if (options.nameOf) return { kind: 'word', text: options.nameOf(name) };
    const type = level < expandedLevels && budget.references-- > 0 ? typeOf(options.types, name) : undefined;
    return type === undefined ? unknownType : typeNodeOf(type, expanding(options, budget, level + 1));
  },
});

const contextOf = (options: TypeTextOptions): TypeContext => expanding(options, { references: expandedReferences });

/** TypeScript type of a schema, as text. */
export const typeText = (schema: JsonSchema, options: TypeTextOptions): string =>
  printType(typeNodeOf(schema, contextOf(options)), options);

/** Longest signature, characters. */
const maxSignature = 600;

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, Math.max(0, length - 3))}...`;

/** One member in a signature: long types give way to their kind. */
const shortMember = (name: string, schema: JsonSchema, required: boolean, types: Record<string, JsonSchema>): string => {
  const text = typeText(schema, { types, inline: true, direction: 'input' });
  const short =
    text.length <= 120
      ? text
      : (typeNameIn(typeof schema === 'object' ? schema.$ref : undefined) ?? cut(text, 120)).replace(/[^\x20-\x7e]/g, ' ');
  return `${propertyName(name)}${required ? '' : '?'}: ${short}`;
};

/**
 * One line for people and models: `createPet(input: {body: { name: string }, dryRun?: boolean}): Promise<{ id: number }>`. At most
 * 600 characters: required inputs come first, then as many optional ones as fit, `...` stands for the rest.
 */
export const signatureOf = (operation: Operation, types: Record<string, JsonSchema>): string => {
  const name = /^[\w$.-]+$/.test(operation.id) ? operation.id : identifierOf(operation.id);
  const results = [operation.output, ...(operation.alternatives ?? []).map(({ schema }) => schema)];
  const output = operation.stream ?? undefined;
  const outputs = unionOf(
    (output ? [output.item] : results).map((schema) => typeNodeOf(schema, contextOf({ types, direction: 'output' }))),
  );
  const answer = cut(printType(outputs, { inline: true }), 200);
  const tail = `): ${operation.stream ? 'AsyncIterable' : 'Promise'}<${answer}>`;
  const required = new Set(operation.input.required ?? []);
  const names = Object.keys(operation.input.properties).toSorted((a, b) => Number(required.has(b)) - Number(required.has(a)));
  if (names.length === 0) return cut(`${name}(${tail}`, maxSignature);
  const members: string[] = [];
  let room = maxSignature - name.length - tail.length - 20;
  for (const each of names) {
    const text = shortMember(each, operation.input.properties[each] as JsonSchema, required.has(each), types);
    room -= text.length + 2;
    if (room < 0) {
      members.push('...');
      break;
    }
    members.push(text);
  }
  return cut(`${name}(input${required.size === 0 ? '?' : ''}: { ${members.join('; ')} }${tail}`, maxSignature);
};
