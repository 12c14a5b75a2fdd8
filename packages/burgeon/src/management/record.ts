import type { Registry } from '../registry/registry.ts';
import type { Audit } from '../security/audit.ts';
import type { Checkpoints } from '../security/checkpoints.ts';
import {
  asJson,
  moduleInput,
  moduleReference,
  optionalText,
  requiredText,
  text,
  versionInput,
  visibleBy,
  type ManagementOperation,
} from './define.ts';
import { explainModule } from './why.ts';

/** What the record is read with. */
export interface RecordParts {
  audit: Audit;
  checkpoints: Checkpoints;
  registry: Registry;
}

/** The audit record. */
export const recordOperations = (parts: RecordParts): ManagementOperation[] => [
  {
    id: 'listAudit',
    summary: 'Lists the record of changes and decisions, oldest first.',
    effect: 'read',
    route: 'GET /api/audit',
    doors: ['web'],
    needs: 'view',
    input: {
      properties: {
        module: text('Only entries about this module: `namespace/name`.'),
        limit: { type: 'integer', minimum: 1, maximum: 10_000 },
      },
    },
    output: { type: 'array', items: { type: 'object' } },
    visible: visibleBy('module'),
    handle: async (input) => {
      const module = optionalText(input, 'module');
      const entries = await parts.audit.list(module === undefined ? {} : { module });
      return asJson(entries.slice(-(typeof input['limit'] === 'number' ? input['limit'] : 1_000)));
    },
  },
  ...provingOperations(parts),
  {
    id: 'explainModule',
    summary: 'Says why a module exists: from what, who asked, what judged it, who approved it, and what it did since.',
    effect: 'read',
    route: 'GET /api/modules/{namespace}/{name}/why',
    doors: ['web'],
    needs: 'view',
    input: moduleInput(versionInput),
    output: { type: 'object' },
    handle: async (input) => asJson(await explainModule(parts, moduleReference(input))),
  },
];

/** What shows that nobody changed it. */
const provingOperations = ({ audit, checkpoints }: RecordParts): ManagementOperation[] => [
  {
    id: 'verifyAudit',
    summary: 'Verifies the whole record, also against the checkpoints the owner keeps elsewhere, and names the first bad entry.',
    effect: 'read',
    route: 'GET /api/audit/verify',
    doors: ['web'],
    needs: 'view',
    output: { type: 'object' },
    handle: async () => asJson(await audit.verify(await checkpoints.read())),
  },
  {
    id: 'compareAudit',
    summary: 'Verifies the whole record against a file of checkpoints on this machine.',
    effect: 'read',
    route: 'POST /api/audit/compare',
    doors: ['web'],
    needs: 'own',
    input: { properties: { file: text('Path of the file.') }, required: ['file'] },
    output: { type: 'object' },
    handle: async (input) => asJson(await audit.verify(await checkpoints.read(requiredText(input, 'file')))),
  },
  {
    id: 'checkpointAudit',
    summary: 'Signs what the record holds now, and appends that to a file, so that a cut or an old copy is noticed later.',
    effect: 'write',
    route: 'POST /api/audit/checkpoint',
    doors: ['web'],
    needs: 'own',
    input: { properties: { file: text('Path of the file; the one that was chosen when absent.') } },
    output: { type: 'object' },
    handle: async (input) => asJson(await checkpoints.make(optionalText(input, 'file'))),
  },
];
