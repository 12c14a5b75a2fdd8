import type { JsonValue } from '@burgeon/kit';
import type { Vault } from '../security/vault.ts';
import { text, type ManagementOperation } from './define.ts';

const json = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value)) as JsonValue;

const named = { properties: { name: text('Name of the secret: `namespace/module/scheme`.') }, required: ['name'] };
const valued = { properties: { ...named.properties, value: text('The secret; write-only.') }, required: ['name', 'value'] };

/** The vault: values go in, never out. Never shown to a model. */
export const secretOperations = (vault: Vault): ManagementOperation[] => [
  {
    id: 'listSecrets',
    summary: 'Lists names and versions of secrets, never values.',
    effect: 'read',
    route: 'GET /api/secrets',
    doors: ['web'],
    output: { type: 'array', items: { type: 'object' } },
    handle: async () => json(await vault.list()),
  },
  {
    id: 'setSecret',
    summary: 'Keeps a secret under a name.',
    effect: 'write',
    route: 'PUT /api/secrets',
    doors: ['web'],
    input: valued,
    output: { type: 'object' },
    handle: async (input) => json(await vault.set(String(input['name']), String(input['value']))),
  },
  {
    id: 'rotateSecret',
    summary: 'Replaces the value of a secret; the old one is gone.',
    effect: 'write',
    route: 'POST /api/secrets/rotate',
    doors: ['web'],
    input: valued,
    output: { type: 'object' },
    handle: async (input) => json(await vault.rotate(String(input['name']), String(input['value']))),
  },
  {
    id: 'revokeSecret',
    summary: 'Forgets the value of a secret.',
    effect: 'delete',
    route: 'POST /api/secrets/revoke',
    doors: ['web'],
    input: named,
    output: { type: 'object' },
    handle: async (input) => json(await vault.revoke(String(input['name']))),
  },
];
