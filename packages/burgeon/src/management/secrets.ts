import { BurgeonError, type Interface, type JsonObject } from '@burgeon/kit';
import type { Logins } from '../runtime/logins.ts';
import { moduleOf } from '../security/vault/sealed-secret.ts';
import type { Vault } from '../security/vault.ts';
import { asJson, moduleId, moduleInput, optionalText, requiredText, text, type ManagementOperation } from './define.ts';

/** What the operations on secrets work with. */
export interface SecretParts {
  vault: Vault;
  /** Where people log in for modules; made when somebody first does. */
  logins(): Promise<Logins>;
  /** The interface of the active version of a module; rejects when there is none. */
  describe(module: string): Promise<Interface>;
}

const named = { properties: { name: text('Name of the secret: `namespace/module/scheme`.') }, required: ['name'] };
const valued = {
  properties: {
    ...named.properties,
    value: text('The secret; write-only. What is more than one text is written as JSON, as the kind of the credential asks.'),
  },
  required: ['name', 'value'],
};
const loginInput = moduleInput(
  {
    scheme: text('Key of the auth scheme in the interface of the module.'),
    redirectUri: text('Address that the browser is sent back to; without it the person types a code on another device.'),
  },
  ['scheme'],
);
const aboutSecret = (input: JsonObject): string => moduleOf(requiredText(input, 'name'));

/** The vault: values go in, never out. Never shown to a model. */
export const secretOperations = (parts: SecretParts): ManagementOperation[] => [
  ...valueOperations(parts),
  ...loginOperations(parts),
];

const valueOperations = ({ vault, describe }: SecretParts): ManagementOperation[] => [
  {
    id: 'listSecrets',
    summary: 'Lists names and versions of secrets, never values.',
    effect: 'read',
    route: 'GET /api/secrets',
    doors: ['web'],
    needs: 'own',
    output: { type: 'array', items: { type: 'object' } },
    handle: async () => asJson(await vault.list()),
  },
  {
    id: 'setSecret',
    summary: 'Keeps a secret under a name.',
    effect: 'write',
    route: 'PUT /api/secrets',
    doors: ['web'],
    needs: 'own',
    about: aboutSecret,
    input: valued,
    output: { type: 'object' },
    handle: async (input) => asJson(await vault.set(...(await checked(describe, input)))),
  },
  {
    id: 'rotateSecret',
    summary: 'Replaces the value of a secret; the old one is gone.',
    effect: 'write',
    route: 'POST /api/secrets/rotate',
    doors: ['web'],
    needs: 'own',
    about: aboutSecret,
    input: valued,
    output: { type: 'object' },
    handle: async (input) => asJson(await vault.rotate(...(await checked(describe, input)))),
  },
  {
    id: 'revokeSecret',
    summary: 'Forgets the value of a secret, and what was got with it.',
    effect: 'delete',
    route: 'POST /api/secrets/revoke',
    doors: ['web'],
    needs: 'own',
    about: aboutSecret,
    input: named,
    output: { type: 'object' },
    handle: async (input) => {
      const name = requiredText(input, 'name');
      const revoked = await vault.revoke(name);
      const token = `${name} token`;
      if ((await vault.list()).some((each) => each.name === token && !each.revoked)) await vault.revoke(token);
      return asJson(revoked);
    },
  },
];

/** Name and value, judged by what the module's interface says of the scheme, where there is one. */
const checked = async (describe: SecretParts['describe'], input: JsonObject): Promise<[name: string, value: string]> => {
  const [name, value] = [requiredText(input, 'name'), requiredText(input, 'value')];
  const description = await describe(moduleOf(name)).catch((error: unknown) => {
    // A secret may be kept before there is anything that needs it, and while what needs it waits for approval.
    if (!waits.has(BurgeonError.from(error).code)) throw error;
  });
  if (description) (await import('../security/credentials/kinds.ts')).checkSecret(name, description, value);
  return [name, value];
};

const waits: ReadonlySet<string> = new Set([
  'MODULE_NOT_FOUND',
  'VERSION_NOT_FOUND',
  'NAME_INVALID',
  'APPROVAL_PENDING',
  'APPROVAL_REJECTED',
  'MODULE_ARCHIVED',
]);

const loginOperations = ({ logins }: SecretParts): ManagementOperation[] => [
  {
    id: 'beginLogin',
    summary: 'Begins the login of a person for an auth scheme of a module (OAuth 2).',
    effect: 'write',
    route: 'POST /api/modules/{namespace}/{name}/login',
    doors: ['web'],
    needs: 'own',
    input: loginInput,
    output: { type: 'object' },
    handle: async (input) => {
      const redirectUri = optionalText(input, 'redirectUri');
      const wish = { module: moduleId(input), scheme: requiredText(input, 'scheme') };
      return asJson(await (await logins()).begin({ ...wish, ...(redirectUri === undefined ? {} : { redirectUri }) }));
    },
  },
  {
    id: 'finishLogin',
    summary: 'Ends a login with what the browser brought back, or asks whether it is done; what was granted is kept sealed.',
    effect: 'write',
    route: 'POST /api/logins/{id}',
    doors: ['web'],
    needs: 'own',
    input: {
      properties: { id: text('The login.'), callback: text('The query with which the browser came back.') },
      required: ['id'],
    },
    output: { type: 'object', properties: { done: { type: 'boolean' } }, required: ['done'] },
    handle: async (input) => ({
      done: await (await logins()).finish(requiredText(input, 'id'), optionalText(input, 'callback')),
    }),
  },
];
