import type { ApprovalChannelContext } from '@burgeon/kit';
import { asJson, requiredText, text, type ManagementOperation } from './define.ts';

/** What the owner's view of the passkeys needs: what their channel is opened with. */
export type PasskeyParts = Pick<ApprovalChannelContext, 'clock' | 'store' | 'pages' | 'record'>;

/** The passkeys that may confirm. The owner's alone, and never shown to a model: who could add one could answer for the owner. */
export const passkeyOperations = (parts: PasskeyParts): ManagementOperation[] => [
  {
    id: 'listPasskeys',
    summary: 'Lists the passkeys that may confirm.',
    effect: 'read',
    route: 'GET /api/passkeys',
    doors: ['web'],
    needs: 'own',
    output: { type: 'array', items: { type: 'object' } },
    handle: async () => asJson(await (await keys()).listPasskeys(parts.store)),
  },
  {
    id: 'invitePasskey',
    summary: 'Makes a link under which one passkey can be registered, within ten minutes. The link before is void.',
    effect: 'write',
    route: 'POST /api/passkeys',
    doors: ['web'],
    needs: 'own',
    output: { type: 'object' },
    handle: async () => asJson(await (await registration()).createRegistrationLink(parts)),
  },
  {
    id: 'removePasskey',
    summary: 'Takes a passkey away; it confirms nothing from then on.',
    effect: 'delete',
    route: 'DELETE /api/passkeys/{passkey}',
    doors: ['web'],
    needs: 'own',
    input: { properties: { passkey: text('Id of the passkey.') }, required: ['passkey'] },
    output: { type: 'object' },
    handle: async (input) => asJson(await (await keys()).removePasskey(parts, requiredText(input, 'passkey'))),
  },
];

const keys = () => import('../adapters/approval-channels/passkey/keys.ts');
const registration = () => import('../adapters/approval-channels/passkey/registration.ts');
