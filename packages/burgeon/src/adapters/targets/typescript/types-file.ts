/** The file of types: one per type of the interface, and input, output and errors of each operation. */
import type { JsonSchema, Operation } from '@burgeon/kit';
import { docComment, propertyName } from '../../../interface/source-text.ts';
import { type TypeNode, isPlainObject, typeNodeOf, unionOf } from '../../../interface/type-node.ts';
import { documentationOf, printMembers, printType } from '../../../interface/type-text.ts';
import { header } from './documentation.ts';
import type { Direction, Plan, PlannedOperation } from './plan.ts';

/** Types of inputs and outputs that one kind of runtime gives in another form than the interface says: bytes, mostly. */
export interface BodyTypes {
  /** Type of one input property; undefined = as the interface says. */
  input?(operation: Operation, property: string, plan: Plan): TypeNode | undefined;
  output?(operation: Operation): TypeNode | undefined;
}

/** An interface where the type is an object, an alias for everything else. */
const declaration = (name: string, schema: JsonSchema, node: TypeNode): string => {
  const documentation = docComment(documentationOf(schema));
  if (node.kind === 'object') return `${documentation}export interface ${name} ${printMembers(node)}\n`;
  return `${documentation}export type ${name} = ${printType(node)};\n`;
};

const typeDeclaration = (plan: Plan, type: string, as: { name: string; direction: Direction }): string => {
  const schema = plan.description.types[type] ?? true;
  return declaration(as.name, schema, typeNodeOf(schema, plan.context(as.direction, isPlainObject(schema) ? undefined : type)));
};

const inputDeclaration = (plan: Plan, { operation, input }: PlannedOperation, bodies: BodyTypes): string => {
  const node = typeNodeOf(operation.input, plan.context('input'));
  if (node.kind !== 'object') return declaration(input, true, node);
  if (node.members.length === 0 && operation.input.additionalProperties !== true) node.index = { kind: 'word', text: 'never' };
  for (const member of node.members) member.type = bodies.input?.(operation, member.name, plan) ?? member.type;
  return declaration(input, { description: `What ${operation.id} takes.` }, node);
};

const outputDeclaration = (plan: Plan, { operation, output }: PlannedOperation, bodies: BodyTypes): string => {
  const results = [operation.output, ...(operation.alternatives ?? []).map(({ schema }) => schema)];
  const schemas = operation.stream ? [operation.stream.item] : results;
  const node = bodies.output?.(operation) ?? unionOf(schemas.map((schema) => typeNodeOf(schema, plan.context('output'))));
  return declaration(
    output,
    { description: operation.stream ? `One item of what ${operation.id} gives.` : `What ${operation.id} gives.` },
    node,
  );
};

const errorsDeclaration = (plan: Plan, { operation, errors }: PlannedOperation): string => {
  if (errors === undefined) return '';
  const byCode = new Map(operation.errors.map((error) => [error.code, error]));
  const members = [...byCode.values()].map(({ code, description, schema }) => {
    const comment = docComment(documentationOf(description === undefined ? true : { description }), '  ');
    return `${comment}  ${propertyName(code)}: ${printType(typeNodeOf(schema, plan.context('output')), { indent: '  ' })};\n`;
  });
  return `${docComment(documentationOf({ description: `Bodies of the errors of ${operation.id}, by code.` }))}export interface ${errors} {\n${members.join('')}}\n`;
};

/** Text of `types.ts`. */
export const typesFile = (plan: Plan, bodies: BodyTypes = {}): string => {
  const parts: string[] = [];
  for (const [type, as] of plan.types) {
    parts.push(typeDeclaration(plan, type, as));
    const second = plan.inputs.get(type);
    if (second !== undefined) parts.push(typeDeclaration(plan, type, { name: second, direction: 'input' }));
  }
  for (const planned of plan.operations) {
    parts.push(inputDeclaration(plan, planned, bodies), outputDeclaration(plan, planned, bodies));
    const errors = errorsDeclaration(plan, planned);
    if (errors !== '') parts.push(errors);
  }
  return `${header(plan.description)}\n${parts.length === 0 ? 'export {};\n' : parts.join('\n')}`;
};
