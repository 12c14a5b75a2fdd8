import type { JsonSchema, SchemaObjectInput } from '@burgeon/kit';
import { define } from '../../../base/json.ts';
import type { HttpBody, HttpParameter } from '../../../bindings/http/binding.ts';
import { identifierOf } from '../../../interface/naming.ts';
import { sha256 } from '../../../base/json.ts';
import { type Body, bodySchema } from './bodies.ts';
import type { Parameter } from './parameters.ts';
import type { Place } from './reading.ts';

/** The input of an operation and how its properties reach the wire. */
export interface Input {
  schema: SchemaObjectInput;
  parameters: HttpParameter[];
  body?: HttpBody;
  /** Property -> where it is declared. */
  places: Map<string, Place>;
}

const ranks = ['path', 'query', 'querystring', 'header', 'cookie'];
const suffixes: Record<string, string> = {
  path: 'Path',
  query: 'Query',
  querystring: 'Query',
  header: 'Header',
  cookie: 'Cookie',
};

/** A wire name that is a JavaScript identifier stays as it is; any other becomes camel case: `X-Request-ID` gives `xRequestId`, `filter[name]` gives `filterName`. */
const propertyWish = (wire: string): string => {
  if (wire === '__proto__') return 'proto';
  return /^[A-Za-z_$][\w$]*$/.test(wire) ? wire : identifierOf(wire);
};

/**
 * Gives each parameter a property. Of several that wish the same name the path's keeps it, then the query's, and so on; the others get
 * their place as a suffix (`idQuery`), and within one place a hash of their wire name. The order of the source does not matter.
 */
const propertiesOf = (parameters: readonly Parameter[]): Map<Parameter, string> => {
  const taken = new Set<string>();
  const properties = new Map<Parameter, string>();
  const rank = ({ wire }: Parameter): number => ranks.indexOf(wire.in) * 2 + (propertyWish(wire.name) === wire.name ? 0 : 1);
  const sorted = parameters.toSorted((a, b) => rank(a) - rank(b) || (a.wire.name < b.wire.name ? -1 : 1));
  for (const parameter of sorted) {
    const { wire } = parameter;
    const wish = propertyWish(wire.name);
    const placed = wish + suffixes[wire.in]!;
    const name = [wish, placed, `${placed}_${sha256(`${wire.in} ${wire.name}`).slice(0, 6)}`].find((each) => !taken.has(each));
    if (name === undefined) continue;
    taken.add(name);
    properties.set(parameter, name);
  }
  return properties;
};

/** Puts parameters and payload together: one property for each, in the order of the source, the payload last. */
export const inputOf = (parameters: readonly Parameter[], body: Body | undefined): Input => {
  const names = propertiesOf(parameters);
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  const places = new Map<string, Place>();
  const wires: HttpParameter[] = [];
  for (const parameter of parameters) {
    const property = names.get(parameter);
    if (property === undefined) continue;
    define(properties, property, parameter.schema);
    places.set(property, parameter.place);
    if (parameter.wire.required === true) required.push(property);
    const { name, ...rest } = parameter.wire;
    wires.push({ name, property, ...rest });
  }
  const input: Input = { schema: { type: 'object', properties }, parameters: wires, places };
  if (body !== undefined) input.body = addBody(body, input, required);
  if (required.length > 0) input.schema.required = required;
  input.schema.additionalProperties = false;
  return input;
};

const addBody = (body: Body, input: Input, required: string[]): HttpBody => {
  const { properties } = input.schema;
  const free = (...wishes: string[]): string => {
    for (let count = 2; ; count++) {
      const name = wishes.find((wish) => !Object.hasOwn(properties, wish));
      if (name !== undefined) return name;
      wishes.push(`${wishes[0]!}${count}`);
    }
  };
  const property = free('body', 'requestBody');
  define(properties, property, bodySchema(body));
  input.places.set(property, body.place);
  if (body.required) required.push(property);
  const contents = body.contents.map(({ http }) => http);
  if (contents.length === 1) return { property, required: body.required, contents };
  const mediaTypes = [...new Set(contents.map(({ mediaType }) => mediaType))];
  const mediaTypeProperty = free('contentType', 'bodyContentType');
  define(properties, mediaTypeProperty, {
    type: 'string',
    enum: mediaTypes,
    default: mediaTypes[0]!,
    description: 'Media type of the payload.',
  });
  return { property, required: body.required, contents, mediaTypeProperty };
};
