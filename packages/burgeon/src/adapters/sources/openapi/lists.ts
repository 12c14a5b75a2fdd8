import type { JsonSchema } from '@burgeon/kit';
import { pointerToken } from '../../../base/json.ts';
import { singularOf } from './operation-names.ts';
import { type Shape, isList, isRecord, plainName, shapeOf } from './shapes.ts';

/** Where a list stands in an output. */
export interface FoundList {
  /** JSON pointer; `""` = the output itself. */
  pointer: string;
  items: JsonSchema;
}

const listNames: ReadonlySet<string> = new Set(
  'items data results result values value records entries list rows content contents elements objects resources collection hits nodes documents docs edges members page'.split(
    ' ',
  ),
);

const wrapperNames: ReadonlySet<string> = new Set('data result results response payload body embedded page content'.split(' '));

/**
 * Finds the list an output is about: the output itself, a property with a telling name (`items`, the plural of `noun`), or the only list
 * among its properties; also one level down in `data` and its like.
 */
export const findList = (output: JsonSchema, noun: string, types: Record<string, JsonSchema>): FoundList | undefined => {
  const shape = shapeOf(output, types);
  if (isList(shape)) return shape.items === undefined ? undefined : { pointer: '', items: shape.items };
  const direct = listAmong(shape, noun, types);
  if (direct !== undefined) return direct;
  for (const [key, schema] of Object.entries(shape.properties)) {
    if (!wrapperNames.has(plainName(key))) continue;
    const inner = shapeOf(schema, types);
    const found = isRecord(inner) ? listAmong(inner, noun, types) : undefined;
    if (found !== undefined) return { pointer: `/${pointerToken(key)}${found.pointer}`, items: found.items };
  }
  return undefined;
};

const listAmong = (shape: Shape, noun: string, types: Record<string, JsonSchema>): FoundList | undefined => {
  const lists = Object.entries(shape.properties).flatMap(([key, schema]) => {
    const inner = shapeOf(schema, types);
    return isList(inner) && inner.items !== undefined ? [{ key, items: inner.items }] : [];
  });
  const wished = plainName(singularOf(noun));
  const chosen =
    lists.find(({ key }) => wished !== '' && plainName(singularOf(key)) === wished) ??
    lists.find(({ key }) => listNames.has(plainName(key))) ??
    (lists.length === 1 && Object.keys(shape.properties).length <= 8 ? lists[0] : undefined);
  return chosen === undefined ? undefined : { pointer: `/${pointerToken(chosen.key)}`, items: chosen.items };
};
