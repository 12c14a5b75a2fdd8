import { BurgeonError, type JsonValue } from '@burgeon/kit';
import type { Pipeline, Rechecked } from '../pipeline/pipeline.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type ManagementOperation, asJson, requiredText, text } from './define.ts';

/** What these operations work with. */
export interface AdvisoryParts {
  /** Folder of the vulnerability data. */
  folder: string;
  pipeline: Pick<Pipeline, 'recheckAll'>;
  runtime: Pick<Runtime, 'quarantine'>;
}

/** A module that was put aside, and the advisories it was put aside for. */
interface Quarantined {
  id: string;
  version: string;
  advisories: string[];
}

/** Operations on what is known of vulnerabilities, and the checks of everything that is active. */
export const advisoryOperations = (parts: AdvisoryParts): ManagementOperation[] => [
  {
    id: 'advisoryStatus',
    summary: 'Says which vulnerability data there are, and of when.',
    effect: 'read',
    route: 'GET /api/advisories',
    doors: ['web'],
    needs: 'view',
    output: { type: 'object' },
    handle: async () => {
      const { advisoryStatus } = await import('../security/advisories/keep.ts');
      return asJson(await advisoryStatus(parts.folder));
    },
  },
  {
    id: 'importAdvisories',
    summary: 'Takes vulnerability data in, checks every active module again, and quarantines those that are vulnerable.',
    effect: 'write',
    route: 'POST /api/advisories',
    doors: ['web'],
    needs: 'own',
    input: {
      properties: {
        text: text('Records in the OSV format: one, or a list of them.'),
        name: text('What the document is called.'),
      },
      required: ['text'],
    },
    output: { type: 'object' },
    handle: async (input) => {
      const { importAdvisories } = await import('../security/advisories/keep.ts');
      const name = typeof input['name'] === 'string' ? input['name'] : 'The document';
      const taken = await importAdvisories(parts.folder, requiredText(input, 'text'), name).catch(unlessFile(parts.folder));
      const all = await parts.pipeline.recheckAll();
      return asJson({ ...taken, rechecked: all.length, quarantined: await quarantineVulnerable(parts, all) });
    },
  },
  {
    id: 'checkAll',
    summary: 'Runs all checks over every active module.',
    effect: 'read',
    route: 'POST /api/check',
    doors: ['web'],
    needs: 'operate',
    output: { type: 'object' },
    visible: (output, mayUse) => {
      const { modules } = output as unknown as { modules: Rechecked[] };
      return told(modules.filter(({ id }) => mayUse(id)));
    },
    handle: async () => told(await parts.pipeline.recheckAll()),
  },
];

const told = (modules: Rechecked[]): JsonValue => asJson({ ok: modules.every(({ ok }) => ok), modules });

const unlessFile =
  (folder: string) =>
  (error: unknown): never => {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
    throw new BurgeonError('UNSUPPORTED', {
      message: `The vulnerability data are the file ${folder}, which somebody else keeps.`,
      hint: 'Change that file, or leave BURGEON_ADVISORIES out and import into the data directory.',
    });
  };

/** The advisories by which the check of dependencies calls a module vulnerable. */
const advisoriesOf = ({ checks }: Rechecked): string[] => [
  ...new Set(
    checks
      .flatMap(({ diagnostics }) => diagnostics)
      .filter(({ code }) => code === 'dependency-vulnerable')
      .map(({ data }) => String((data as { advisory?: string } | undefined)?.advisory)),
  ),
];

const quarantineVulnerable = async ({ runtime }: AdvisoryParts, all: readonly Rechecked[]): Promise<Quarantined[]> => {
  const quarantined: Quarantined[] = [];
  for (const each of all) {
    const advisories = advisoriesOf(each);
    const { id, version } = each;
    const reason = `something it brings along is vulnerable by ${advisories.join(', ')}.`;
    if (advisories.length > 0 && (await runtime.quarantine(id, reason))) quarantined.push({ id, version, advisories });
  }
  return quarantined;
};
