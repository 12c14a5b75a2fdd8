import type { Vault } from '../security/vault.ts';
import { requiredText, asJson, text, type ManagementOperation } from './define.ts';

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
    handle: async () => asJson(await vault.list()),
  },
  {
    id: 'setSecret',
    summary: 'Keeps a secret under a name.',
    effect: 'write',
    route: 'PUT /api/secrets',
    doors: ['web'],
    input: valued,
    output: { type: 'object' },
    handle: async (input) => asJson(await vault.set(requiredText(input, 'name'), requiredText(input, 'value'))),
  },
  {
    id: 'rotateSecret',
    summary: 'Replaces the value of a secret; the old one is gone.',
    effect: 'write',
    route: 'POST /api/secrets/rotate',
    doors: ['web'],
    input: valued,
    output: { type: 'object' },
    handle: async (input) => asJson(await vault.rotate(requiredText(input, 'name'), requiredText(input, 'value'))),
  },
  {
    id: 'revokeSecret',
    summary: 'Forgets the value of a secret.',
    effect: 'delete',
    route: 'POST /api/secrets/revoke',
    doors: ['web'],
    input: named,
    output: { type: 'object' },
    handle: async (input) => asJson(await vault.revoke(requiredText(input, 'name'))),
  },
];
