import { BurgeonError, type JsonObject } from '@burgeon/kit';
import { readDuration } from '../base/duration.ts';
import { isRole, roles } from '../security/access.ts';
import type { ApiKeys, Grant } from '../security/api-keys.ts';
import { asJson, optionalText, requiredText, text, type ManagementOperation } from './define.ts';

/** How long a key is good for when nobody says. */
const usualSpan = '90d';

/** API keys: who may use the doors of a server, and for what. The owner's alone; never shown to a model. */
export const accessOperations = (keys: ApiKeys): ManagementOperation[] => [
  {
    id: 'listAccess',
    summary: 'Lists the API keys: roles, modules, dates; never their values.',
    effect: 'read',
    route: 'GET /api/access',
    doors: ['web'],
    needs: 'own',
    output: { type: 'array', items: { type: 'object' } },
    handle: async () => asJson(await keys.list()),
  },
  {
    id: 'grantAccess',
    summary: 'Makes an API key. Its value is in this answer and nowhere else.',
    effect: 'write',
    route: 'POST /api/access',
    doors: ['web'],
    needs: 'own',
    input: {
      properties: {
        role: { type: 'string', enum: Object.keys(roles), description: 'What the key is for.' },
        name: text('What the key is called, for people.'),
        modules: {
          type: 'array',
          items: { type: 'string' },
          description: 'Patterns of modules it is good for; all when absent.',
        },
        expires: text(`How long it is good for: 12h, 30d, or "never"; ${usualSpan} when absent.`),
      },
      required: ['role'],
    },
    output: { type: 'object' },
    handle: async (input) => asJson(await keys.grant(grantOf(input))),
  },
  {
    id: 'revokeAccess',
    summary: 'Ends an API key for good, at once.',
    effect: 'delete',
    route: 'DELETE /api/access/{key}',
    doors: ['web'],
    needs: 'own',
    input: { properties: { key: text('Id of the key.') }, required: ['key'] },
    output: { type: 'object' },
    handle: async (input) => asJson(await keys.revoke(requiredText(input, 'key'))),
  },
];

const grantOf = (input: JsonObject): Grant => {
  const role = requiredText(input, 'role');
  if (!isRole(role)) {
    throw new BurgeonError('USAGE', {
      message: `There is no role ${JSON.stringify(role.slice(0, 50))}.`,
      hint: `There are: ${Object.keys(roles).join(', ')}.`,
    });
  }
  const name = optionalText(input, 'name');
  const { modules } = input;
  const expires = optionalText(input, 'expires') ?? usualSpan;
  return {
    role,
    ...(name === undefined ? {} : { name }),
    ...(Array.isArray(modules) ? { modules: modules.map(String) } : {}),
    ...(expires === 'never' ? {} : { expiresInMs: readDuration(expires) }),
  };
};
