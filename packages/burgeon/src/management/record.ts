import type { Audit } from '../security/audit.ts';
import { asJson, optionalText, text, type ManagementOperation } from './define.ts';

/** The audit record. */
export const recordOperations = (audit: Audit): ManagementOperation[] => [
  {
    id: 'listAudit',
    summary: 'Lists the record of changes and decisions, oldest first.',
    effect: 'read',
    route: 'GET /api/audit',
    doors: ['web'],
    input: {
      properties: {
        module: text('Only entries about this module: `namespace/name`.'),
        limit: { type: 'integer', minimum: 1, maximum: 10_000 },
      },
    },
    output: { type: 'array', items: { type: 'object' } },
    handle: async (input) => {
      const module = optionalText(input, 'module');
      const entries = await audit.list(module === undefined ? {} : { module });
      return asJson(entries.slice(-(typeof input['limit'] === 'number' ? input['limit'] : 1_000)));
    },
  },
  {
    id: 'verifyAudit',
    summary: 'Verifies the whole record and names the first bad entry.',
    effect: 'read',
    route: 'GET /api/audit/verify',
    doors: ['web'],
    output: { type: 'object' },
    handle: async () => asJson(await audit.verify()),
  },
];
