/** Bytes in the types of the stand-alone client: raw payloads and parts of forms are `Uint8Array`, not base64 text. */
import type { JsonSchema, Operation } from '@burgeon/kit';
import type { HttpContent } from '../../../bindings/http/binding.ts';
import { httpBinding, propertiesOf } from '../../../bindings/http/operation.ts';
import { mediaKind } from '../../../bindings/http/runtime/media-type.ts';
import { isBytes, resolveSchema } from '../../../interface/schema.ts';
import { type TypeNode, typeNodeOf, unionOf } from '../../../interface/type-node.ts';
import type { Plan } from './plan.ts';
import type { BodyTypes } from './types-file.ts';

const received: TypeNode = { kind: 'word', text: 'Uint8Array' };
const sent: TypeNode = unionOf([received, { kind: 'word', text: 'Blob' }]);

type Types = Record<string, JsonSchema>;

const isRaw = (content: HttpContent, types: Types): boolean =>
  mediaKind(content.mediaType) === 'bytes' || isBytes(resolveSchema(content.schema, types));

/** The type of a form part that holds bytes, alone or in a list; undefined for other parts. */
const partNode = (schema: JsonSchema, types: Types): TypeNode | undefined => {
  const resolved = resolveSchema(schema, types);
  if (isBytes(resolved)) return sent;
  const items = typeof resolved === 'object' && resolved.items !== undefined ? resolveSchema(resolved.items, types) : true;
  return isBytes(items) ? { kind: 'array', item: sent } : undefined;
};

const formNode = (content: HttpContent, plan: Plan): TypeNode | undefined => {
  const { types } = plan.description;
  const properties = propertiesOf(content.schema, types);
  if (!Object.values(properties).some((schema) => partNode(schema, types))) return undefined;
  const resolved = resolveSchema(content.schema, types);
  const required = new Set(typeof resolved === 'object' && Array.isArray(resolved.required) ? resolved.required : []);
  return {
    kind: 'object',
    members: Object.entries(properties).map(([name, schema]) => ({
      name,
      optional: !required.has(name),
      readonly: false,
      type: partNode(schema, types) ?? typeNodeOf(schema, plan.context('input')),
      schema,
    })),
  };
};

const contentNode = (content: HttpContent, plan: Plan): TypeNode => {
  if (isRaw(content, plan.description.types)) return sent;
  const kind = mediaKind(content.mediaType);
  const form = kind === 'multipart' || kind === 'form' ? formNode(content, plan) : undefined;
  return form ?? typeNodeOf(content.schema, plan.context('input'));
};

const isSuccess = (status: string): boolean => status.startsWith('2');

const outputOf = (operation: Operation): TypeNode | undefined => {
  const responses = httpBinding(operation)?.responses ?? [];
  const contents = responses
    .filter(({ status }) => isSuccess(status) || status === operation.outputCode)
    .flatMap((response) => response.contents);
  return contents.length > 0 && contents.every((content) => isRaw(content, {})) ? received : undefined;
};

/** How bodies look to users of the stand-alone client. */
export const bodyTypes: BodyTypes = {
  input: (operation, property, plan) => {
    const body = httpBinding(operation)?.body;
    if (!body || body.property !== property || body.contents.length === 0) return undefined;
    return unionOf(body.contents.map((content) => contentNode(content, plan)));
  },
  output: outputOf,
};
