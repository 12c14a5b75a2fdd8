import type { SchemaObject } from '@burgeon/kit';
import { define, isObject } from '../../../base/json.ts';
import { type Place, type Reading, member, placeOf } from './reading.ts';

/**
 * Reads a discriminator: an object since 3.0, a property name in 2.0. Mapping values may be references or bare names of schemas; those
 * that name nothing are left out with a report.
 */
export const discriminatorOf = (reading: Reading, node: unknown, place: Place): SchemaObject['discriminator'] => {
  if (node === undefined || node === null) return undefined;
  if (typeof node === 'string') return { propertyName: node };
  const propertyName = isObject(node) ? member(node, 'propertyName') : undefined;
  if (!isObject(node) || typeof propertyName !== 'string') {
    reading.report({ code: 'invalid-keyword', message: '"discriminator" must name a property; it is passed over.', place });
    return undefined;
  }
  const written = member(node, 'mapping');
  if (!isObject(written)) return { propertyName };
  const mapping: Record<string, string> = {};
  for (const [value, reference] of Object.entries(written)) {
    if (typeof reference !== 'string') continue;
    const target = reading.references.target(reference, placeOf(place, 'mapping', value));
    if (target === undefined) continue;
    define(mapping, value, '');
    reading.types.nameLater(target.place, target.value, (pointer) => define(mapping, value, pointer));
  }
  return { propertyName, mapping };
};
