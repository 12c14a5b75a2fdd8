import { BurgeonError, type Interface, type JsonSchema, type Operation } from '@burgeon/kit';
import { isObject } from '../../../base/json.ts';
import type { HttpBinding } from '../../../bindings/http/binding.ts';
import { kebabOf } from '../../../interface/naming.ts';
import { readChannels } from './channels.ts';
import { type Endpoint, endpointsOf } from './endpoints.ts';
import { readEntities } from './entities.ts';
import { readLocations } from './locations.ts';
import { operationNames } from './operation-names.ts';
import { type ReadOperation, readOperation } from './operations.ts';
import { paginationOf } from './pagination.ts';
import { type Node, type Reading, collectReports, member, placeOf, textMember, texts } from './reading.ts';
import { absoluteLocation, resolverOf } from './references.ts';
import { readSchema } from './schemas.ts';
import { type AuthTable, readAuth } from './security.ts';
import { declareComponents, typeTable } from './types.ts';
import { versionOf } from './versions.ts';

/** What is read: a description that was parsed, where it was found, and the documents that may be looked into beside it. */
export interface Description {
  root: Node;
  location: string;
  documents: ReadonlyMap<string, unknown>;
}

/**
 * Writes a parsed description as an interface. The digest is left to the caller, who has the text.
 * @throws {BurgeonError} SOURCE_INVALID when nothing can be made of it
 */
export const readInterface = ({ root, location, documents }: Description): Interface => {
  const reports = collectReports();
  const own = absoluteLocation('', location);
  const self = textMember(root, '$self');
  const bases = self === undefined ? [own] : [absoluteLocation(self, location), own];
  const reading: Reading = {
    root,
    location,
    version: versionOf(root, reports.report),
    references: resolverOf({ root, bases, documents, report: reports.report }),
    types: typeTable(() => reading),
    diagnostics: reports.diagnostics,
    origins: {},
    report: reports.report,
  };
  declareComponents(reading);
  const auth = readAuth(reading);
  const operations = readOperations(reading, auth);
  const channels = readChannels(
    reading,
    operations.map(({ endpoint, operation }) => ({ endpoint, id: operation.id })),
    auth,
  );
  const types = reading.types.finish((node, place) => readSchema(reading, node, place));
  refuseNothing(reading, operations.length + channels.length + Object.keys(types).length);
  for (const { operation, binding } of operations) {
    const pagination = paginationOf(operation, binding, types);
    if (pagination !== undefined) operation.pagination = pagination;
  }
  for (const { operation, binding } of operations) sendParameters(operation, binding, types);
  const locations = readLocations(reading);
  const entities = readEntities(reading, operations, types);
  reports.finish();
  const info = isObject(root['info']) ? root['info'] : {};
  const title = textMember(info, 'title');
  return {
    format: 'burgeon.interface/1',
    name: nameOf(title, location),
    ...(title !== undefined && { title }),
    version: textMember(info, 'version') ?? '',
    ...texts(info, 'description'),
    source: { kind: 'openapi', location, digest: '' },
    locations,
    operations: operations.map(({ operation }) => operation),
    channels,
    entities,
    types,
    auth,
    origins: reading.origins,
    diagnostics: reports.diagnostics,
  };
};

const readOperations = (reading: Reading, auth: AuthTable): ReadOperation[] => {
  const endpoints: Endpoint[] = endpointsOf(reading, member(reading.root, 'paths'), '/paths');
  const names = operationNames(endpoints);
  return endpoints.map((endpoint, index) => {
    const read = readOperation(reading, endpoint, names[index]!, auth);
    const at = placeOf('/operations', index);
    reading.origins[at] = endpoint.place;
    for (const [property, place] of read.input.places) reading.origins[placeOf(at, 'input', 'properties', property)] = place;
    return read;
  });
};

/** A parameter is sent, whatever the type it borrows from the answers says of reading. */
const sendParameters = (operation: Operation, { parameters }: HttpBinding, types: Record<string, JsonSchema>): void => {
  for (const { property } of parameters) {
    const schema = operation.input.properties[property];
    if (typeof schema !== 'object') continue;
    delete schema.readOnly;
    const type = types[schema.$ref?.replace('#/types/', '') ?? ''];
    if (typeof type !== 'object' || type.readOnly !== true) continue;
    const { $ref: _, ...beside } = schema;
    const { readOnly: __, ...shown } = type;
    operation.input.properties[property] = { ...shown, ...beside };
  }
};

/** An interface may be empty, but only when the description says so itself. */
const refuseNothing = (reading: Reading, found: number): void => {
  const { root } = reading;
  const empty = ['paths', 'webhooks', 'components'].some((key) => isObject(member(root, key)));
  if (found === 0 && !empty) {
    throw new BurgeonError('SOURCE_INVALID', {
      message: 'The description has neither operations nor types: "paths" is not an object.',
      hint: 'Add at least one path. A path is a key such as "/pets" under "paths", and holds methods such as "get".',
      data: { path: '/paths' },
    });
  }
  if (Object.keys(reading.origins).some((key) => key.startsWith('/operations/') || key.startsWith('/channels/'))) return;
  reading.report({
    code: 'no-operations',
    message: 'The description has no operations; only its types can be used.',
    place: Object.hasOwn(root, 'paths') ? '/paths' : '',
  });
};

const nameOf = (title: string | undefined, location: string): string => {
  const file = location
    .split(/[?#]/, 1)[0]!
    .split(/[/\\]/)
    .at(-1)!
    .replace(/\.(json|ya?ml|txt)$/i, '');
  const from = [title, file].find((each) => each !== undefined && /[\p{L}\d]/u.test(each)) ?? 'interface';
  const name = kebabOf(from);
  return name.length <= 64
    ? name
    : name
        .slice(0, 65)
        .replace(/-[^-]*$/, '')
        .slice(0, 64);
};
