import { defaultBudget, manifestExtension, type Candidate, type JsonObject } from '@burgeon/kit';
import { expect, it } from 'vitest';
import { http } from '../adapters/protocols/http/index.ts';
import { openapi } from '../adapters/sources/openapi/index.ts';
import { systemClock } from '../base/clock.ts';
import { createEgress } from '../security/egress.ts';
import { silentLogger } from '../base/log.ts';
import { trial } from './try.ts';

const machine = { clock: systemClock, log: silentLogger };

/** Types that double from one to the next: a value of `L0` has four million leaves. */
const doubling = (): JsonObject => {
  const schemas: JsonObject = { L22: { type: 'string' } };
  for (let level = 0; level < 22; level++) {
    const next: JsonObject = { $ref: `#/components/schemas/L${level + 1}` };
    schemas[`L${level}`] = { type: 'object', required: ['a', 'b'], properties: { a: next, b: next } };
  }
  return schemas;
};

it('passes over what is too large to be made up', async () => {
  const content: JsonObject = { 'application/json': { schema: { $ref: '#/components/schemas/L0' } } };
  const small: JsonObject = { 'application/json': { schema: { $ref: '#/components/schemas/L20' } } };
  const text = JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Doubling', version: '1' },
    paths: {
      '/large': {
        get: { operationId: 'getLarge', responses: { 200: { description: 'all', content } } },
        put: { operationId: 'putLarge', requestBody: { required: true, content }, responses: { 204: { description: 'done' } } },
      },
      '/small': { get: { operationId: 'getSmall', responses: { 200: { description: 'some', content: small } } } },
    },
    components: { schemas: doubling() },
  });
  const signal = new AbortController().signal;
  const description = await openapi.read(
    { kind: 'document', location: 'doubling.json', text },
    { ...machine, budget: defaultBudget, signal },
  );
  const manifest = { extensions: { [manifestExtension]: { kind: 'data', protocol: 'http' } } };
  const context = {
    ...machine,
    protocols: { http: async () => http },
    hosts: {},
    egressTo: (hosts: string[]) => createEgress({ allow: hosts.map((host) => ({ host, private: true })), ...machine }),
  };
  const told = await trial(
    context as unknown as Parameters<typeof trial>[0],
    { interface: description, manifest } as unknown as Candidate,
  );
  expect(told).toEqual({
    passed: 1,
    failed: 0,
    skipped: 2,
    results: [
      { operation: 'getLarge', outcome: 'skipped', reason: 'its answer is too large to be made up' },
      { operation: 'putLarge', outcome: 'skipped', reason: 'its input is too large to be made up' },
    ],
  });
});
