import { checkSuite } from '@burgeon/kit/suites';
import type { Candidate, Interface } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { candidateOf, petInterface } from './fixtures/candidates.ts';
import { schema } from './schema.ts';

const operation = (change: Record<string, unknown>, more: Partial<Interface> = {}): Candidate => {
  const description = { ...petInterface(), ...more };
  Object.assign(description.operations[0] as object, change);
  return candidateOf({ description });
};
const at = '/interface/operations/0';

checkSuite(
  { describe, it, expect },
  {
    check: schema,
    scratch: async () => '',
    valid: [
      { name: 'an ordinary interface', candidate: candidateOf() },
      {
        name: 'recursive types',
        candidate: operation({}, { types: { Pet: { type: 'object', properties: { kin: { $ref: '#/types/Pet' } } } } }),
      },
      {
        name: 'schemas that are true and false',
        candidate: operation({ output: true, errors: [{ code: '1', schema: false }], examples: [] }),
      },
      {
        name: 'streams, alternatives and channels',
        candidate: operation(
          { stream: { item: { type: 'string' } }, alternatives: [{ code: '202', schema: true }] },
          { channels: [{ id: 'c', direction: 'in', message: { type: 'string' }, auth: [], bindings: {} }] },
        ),
      },
    ],
    invalid: [
      {
        name: 'an input that is no object',
        candidate: operation({ input: { type: 'array', properties: {} } }),
        code: 'input-not-object',
        path: `${at}/input/type`,
      },
      {
        name: 'a required property without description',
        candidate: operation({ input: { type: 'object', properties: {}, required: ['a/b'] }, examples: [] }),
        code: 'input-undescribed',
        severity: 'warning',
        path: `${at}/input/properties/a~1b`,
      },
      {
        name: 'a reference that leads nowhere',
        candidate: operation({ output: { $ref: '#/types/Gone' } }),
        code: 'schema-reference',
        severity: 'warning',
        path: `${at}/output/$ref`,
      },
      {
        name: 'a reference out',
        candidate: operation({}, { types: { Pet: { properties: { a: { $ref: 'https://example.com/x' } } } } }),
        code: 'schema-reference',
        severity: 'warning',
        path: '/interface/types/Pet/properties/a/$ref',
      },
      {
        name: 'an example that contradicts',
        candidate: operation({ examples: [{ name: 'bad', input: { id: 7 } }] }),
        code: 'example-contradicts',
        severity: 'warning',
        path: `${at}/examples/0/input/id`,
      },
      {
        name: 'an output example that contradicts',
        candidate: operation({ examples: [{ name: 'bad', output: {} }] }),
        code: 'example-contradicts',
        severity: 'warning',
        path: `${at}/examples/0/output/name`,
      },
      {
        name: 'an error example that contradicts',
        candidate: operation({
          errors: [{ code: '404', schema: { type: 'string' } }],
          examples: [{ name: 'bad', output: 1, code: '404' }],
        }),
        code: 'example-contradicts',
        severity: 'warning',
      },
      {
        name: 'a keyword that cannot be enforced',
        candidate: operation({}, { types: { Pet: { type: 'string', pattern: '(?<=a)b' } } }),
        code: 'schema-unchecked',
        severity: 'warning',
      },
    ],
  },
);
