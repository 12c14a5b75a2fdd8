import type { JsonSchema, SchemaObject } from '@burgeon/kit';
import { define, isObject, pointerPath } from '../../../base/json.ts';
import { assignNames, reservedWords } from '../../../interface/naming.ts';
import { breakLoops } from './loops.ts';
import { type Place, type Reading, type TypeTable, placeOf } from './reading.ts';
import { documentOfPlace } from './references.ts';

/** Makes an empty table. */
export const typeTable = (reading: () => Reading): TypeTable => {
  const nodes = new Map<Place, unknown>();
  const patches: { place: Place; receive: (pointer: string) => void }[] = [];
  const nameLater = (place: Place, node: unknown, receive: (pointer: string) => void): void => {
    if (!nodes.has(place)) nodes.set(place, node);
    patches.push({ place, receive });
  };
  return {
    nameLater,
    reference: (place, node) => {
      const schema: SchemaObject = { $ref: place };
      nameLater(place, node, (pointer) => (schema.$ref = pointer));
      return schema;
    },
    finish: (read) => {
      const schemas = new Map<Place, JsonSchema>();
      // A map may grow while it is walked: reading one schema can refer to the next.
      for (const [place, node] of nodes) schemas.set(place, read(node, place));
      const names = assignNames(
        [...nodes.keys()].map((place) => ({ key: `${isComponent(place) ? 0 : 1}${place}`, wish: wishOf(place) })),
        { style: 'pascal', maxLength: 80, reserved: reservedWords },
      );
      const nameOf = (place: Place): string => names.get(`${isComponent(place) ? 0 : 1}${place}`)!;
      for (const { place, receive } of patches) receive(`#/types/${nameOf(place)}`);
      const types: Record<string, JsonSchema> = {};
      for (const [place, schema] of schemas) {
        define(types, nameOf(place), schema);
        define(reading().origins, `/types/${nameOf(place)}`, place);
      }
      const places = new Map([...nodes.keys()].map((place) => [nameOf(place), place]));
      breakLoops(types, (name) => {
        const message = `The type "${name}" is made of itself; that part is treated as unknown.`;
        reading().report({ code: 'reference-cycle', message, place: places.get(name) ?? '' });
      });
      return types;
    },
  };
};

const isComponent = (place: Place): boolean => /^\/(components\/schemas|definitions)\/[^/]+$/.test(place);

/** Pointer parts that say where a schema stands rather than what it is. */
const noise: ReadonlySet<string> = new Set(
  'components schemas definitions $defs properties paths content schema responses requestBody requestBodies parameters application/json items'.split(
    ' ',
  ),
);

/** What a type would like to be called: its own name, or the telling parts of its place. */
const wishOf = (place: Place): string => {
  const document = documentOfPlace(place);
  const pointer = document === '' ? place : place.slice(document.length + 1);
  const path = pointerPath(pointer);
  const telling = isComponent(pointer) ? path.slice(-1) : path.filter((token) => !noise.has(token));
  if (telling.length > 0) return telling.join(' ');
  const file = document
    .split('/')
    .at(-1)
    ?.replace(/\.\w+$/, '');
  return file === undefined || file === '' ? path.slice(-2).join(' ') || 'root' : file;
};

/** Makes every component schema a type, used or not. */
export const declareComponents = (reading: Reading): void => {
  const { root } = reading;
  const components = isObject(root['components']) ? root['components'] : {};
  const groups: [Place, unknown][] = [
    ['/definitions', root['definitions']],
    ['/components/schemas', components['schemas']],
  ];
  for (const [place, group] of groups) {
    if (group === undefined || group === null) continue;
    if (!isObject(group)) {
      reading.report({ code: 'invalid-schemas', message: 'The schemas are not an object; they are passed over.', place });
      continue;
    }
    for (const [name, node] of Object.entries(group)) {
      if (name.startsWith('x-') && !isObject(node)) continue;
      reading.types.nameLater(placeOf(place, name), node, () => {});
    }
  }
};
