import { BurgeonError } from '@burgeon/kit';
import { inspect } from '../registry/inspect.ts';
import { keyOf } from '../registry/records.ts';
import type { Registry } from '../registry/registry.ts';
import type { KeyRing } from '../security/key-ring.ts';
import { readStatement } from '../security/sign.ts';
import { asJson, moduleInput, moduleReference, versionInput, type ManagementOperation } from './define.ts';

/** What leaves this home, and what was signed of it. */
export const packagingOperations = ({ registry, ring }: { registry: Registry; ring: KeyRing }): ManagementOperation[] => [
  {
    id: 'attestModule',
    summary: 'Gives the signed statement of a version: where it came from, what judged it, who approved it, every digest.',
    effect: 'read',
    route: 'GET /api/modules/{namespace}/{name}/attestation',
    doors: ['web'],
    needs: 'view',
    input: moduleInput(versionInput),
    output: { type: 'object' },
    handle: async (input) => {
      const record = await registry.show(moduleReference(input));
      if (!record.signature) {
        throw new BurgeonError('APPROVAL_PENDING', {
          message: `${keyOf(record)} was never released, so nothing was signed of it.`,
          hint: 'Run burgeon approvals.',
        });
      }
      const refusal = await registry.refusal(record);
      return asJson({
        module: keyOf(record),
        counts: refusal === undefined,
        ...(refusal ? { refusal } : {}),
        statement: readStatement(record.signature),
        envelope: record.signature,
      });
    },
  },
  {
    id: 'packageModule',
    summary: 'Writes a released version as a package that others can take in: a gzipped archive, as base64.',
    effect: 'read',
    route: 'GET /api/modules/{namespace}/{name}/package',
    doors: ['web'],
    needs: 'view',
    input: moduleInput(versionInput),
    output: { type: 'object' },
    handle: async (input) => {
      const { writePackage } = await import('../registry/package/write.ts');
      const inspected = await inspect(registry, moduleReference(input));
      const refusal = inspected.record.signature && (await registry.refusal(inspected.record));
      if (refusal) throw refusal;
      const { bytes, ...written } = await writePackage(inspected, (id) => ring.trusted(id));
      return asJson({ module: keyOf(inspected.record), ...written, bytes: bytes.length, base64: bytes.toString('base64') });
    },
  },
];
