import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@burgeon/kit';
import { expect, it } from 'vitest';
import { asText } from '../packages/burgeon/src/base/json.ts';
import { openBurgeon } from './open-burgeon.ts';

const publisher = openBurgeon('publisher');
const reader = openBurgeon('reader');

const description = {
  openapi: '3.1.0',
  info: { title: 'crm', version: '1' },
  paths: { '/items': { get: { operationId: 'items', responses: { 200: { description: 'ok' } } } } },
};

it('what a publisher chose leads to no private address here, unless the owner knows who that is', async () => {
  const document = join(publisher.root, 'crm.json');
  writeFileSync(document, JSON.stringify(description));
  const chosen = { hosts: ['crm.example'], methods: ['GET'] };
  const grown = await publisher.manage('addModule', { what: document, location: 'https://crm.example/v1' });
  const wanted = ({ disclosure }: JsonObject) => (disclosure as JsonObject)['capabilities'];
  expect(wanted(grown)).toEqual([{ kind: 'net.http', scope: { ...chosen, private: true } }]);
  const { base64 } = await publisher.manage('packageModule', { namespace: 'api', name: 'crm' });
  const { publicKey } = await publisher.manage('exportKey');
  const what = join(reader.root, 'crm.tgz');
  writeFileSync(what, Buffer.from(asText(base64), 'base64'));
  await reader.manage('addKey', { publicKey: asText(publicKey), trust: 'community' });
  expect(wanted(await reader.manage('addModule', { what, allowFresh: true }))).toEqual([{ kind: 'net.http', scope: chosen }]);
  await reader.manage('removeModule', { namespace: 'api', name: 'crm' });
  await reader.manage('addKey', { publicKey: asText(publicKey), trust: 'verified' });
  expect(wanted(await reader.manage('addModule', { what, allowFresh: true }))).toEqual(wanted(grown));
});
