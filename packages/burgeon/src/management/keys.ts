import { BurgeonError, type JsonObject } from '@burgeon/kit';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { KeyRing, Resigning } from '../security/key-ring.ts';
import { trustLevels, type KnownKey, type TrustLevel } from '../security/known-keys.ts';
import { asJson, optionalText, requiredText, text, type ManagementOperation } from './define.ts';

/** What these operations work with. */
export interface KeyParts {
  ring: KeyRing;
  /** What is signed again when another key takes the place of the owner's. */
  resigning: Resigning;
  pipeline: Pick<Pipeline, 'review'>;
}

const keyed = { key: text('Id of the key: 16 hex digits.') };

/** What an owner may say of a publisher; the others are found, not said. */
const sayable = trustLevels.filter((level) => level !== 'bundled' && level !== 'unknown');

/** Operations on the keys this home signs with and judges others by. */
export const keyOperations = (parts: KeyParts): ManagementOperation[] => [
  ...readingOperations(parts),
  ...changingOperations(parts),
];

const readingOperations = ({ ring }: KeyParts): ManagementOperation[] => [
  {
    id: 'listKeys',
    summary: 'Lists the keys that are known: the own ones, publishers, how far each is trusted, and which were revoked.',
    effect: 'read',
    route: 'GET /api/keys',
    doors: ['web'],
    needs: 'view',
    output: { type: 'array', items: { type: 'object' } },
    handle: async () => asJson(ring.list().map((key) => shownOf(key, ring))),
  },
  {
    id: 'exportKey',
    summary: "Gives the owner's public key with the keys before it, for others to add.",
    effect: 'read',
    route: 'GET /api/keys/export',
    doors: ['web'],
    needs: 'view',
    input: { properties: { name: text('Who it belongs to.') } },
    output: { type: 'object' },
    handle: async (input) => asJson({ id: ring.signer.id, ...ring.document(optionalText(input, 'name')) }),
  },
];

const changingOperations = ({ ring, resigning, pipeline }: KeyParts): ManagementOperation[] => [
  {
    id: 'addKey',
    summary: 'Trusts the key of a publisher, or changes what is said of one.',
    effect: 'write',
    route: 'POST /api/keys',
    doors: ['web'],
    needs: 'own',
    input: {
      properties: {
        publicKey: text('The public key, or the document that `keys export` gives.'),
        name: text('Who it belongs to.'),
        trust: { enum: sayable, description: 'How far it is believed.' },
        scope: { type: 'array', items: { type: 'string' }, description: 'Modules it may publish: globs of their ids.' },
        expiresAt: text('When it ends to count: a date.'),
      },
      required: ['publicKey'],
    },
    output: { type: 'object' },
    handle: async (input) => asJson(shownOf(await ring.add(requiredText(input, 'publicKey'), introductionOf(input)), ring)),
  },
  {
    id: 'revokeKey',
    summary: 'Revokes a key: what it signed no longer runs, from a time on or at all.',
    effect: 'write',
    route: 'POST /api/keys/{key}/revoke',
    doors: ['web'],
    needs: 'own',
    input: {
      properties: {
        ...keyed,
        since: text('Only what was signed from then on: a time.'),
        why: text('The reason, for the record.'),
      },
      required: ['key'],
    },
    output: { type: 'object' },
    handle: async (input) => {
      const why = optionalText(input, 'why');
      const since = timeOf(optionalText(input, 'since'));
      const key = await ring.revoke(requiredText(input, 'key'), {
        ...(why === undefined ? {} : { why }),
        ...(since === undefined ? {} : { since }),
      });
      return asJson({ key: shownOf(key, ring), stopped: await pipeline.review() });
    },
  },
  {
    id: 'rotateKey',
    summary: "Puts a new key in the place of the owner's; everything that stands is signed again.",
    effect: 'write',
    route: 'POST /api/keys/rotate',
    doors: ['web'],
    needs: 'own',
    output: { type: 'object' },
    handle: async () => asJson(shownOf(await ring.rotate(resigning), ring)),
  },
];

const shownOf = ({ endorsement: _, ...key }: KnownKey, { signer }: KeyRing): JsonObject =>
  asJson({ ...key, signs: key.id === signer.id }) as JsonObject;

const introductionOf = (input: JsonObject): Parameters<KeyRing['add']>[1] => {
  const [name, trust, expiresAt] = ['name', 'trust', 'expiresAt'].map((property) => optionalText(input, property));
  const scope = input['scope'];
  if (trust !== undefined && !sayable.some((level) => level === trust)) {
    throw new BurgeonError('INPUT_INVALID', {
      message: `There is no trust ${JSON.stringify(trust.slice(0, 60))} to give.`,
      hint: `Give one of: ${sayable.join(', ')}.`,
    });
  }
  return {
    ...(name === undefined ? {} : { name }),
    ...(trust === undefined ? {} : { trust: trust as TrustLevel }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(Array.isArray(scope) ? { scope: scope.map(String) } : {}),
  };
};

const timeOf = (said: string | undefined): string | undefined => {
  if (said === undefined) return undefined;
  const time = Date.parse(said);
  if (Number.isFinite(time)) return new Date(time).toISOString();
  throw new BurgeonError('INPUT_INVALID', {
    message: `${JSON.stringify(said.slice(0, 60))} is no time.`,
    hint: 'Write it like 2027-01-31 or 2027-01-31T12:00:00Z.',
  });
};
