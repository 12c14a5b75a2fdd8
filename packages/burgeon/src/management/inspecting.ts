import { BurgeonError, type JsonObject, type JsonValue } from '@burgeon/kit';
import { inspect, type Inspected } from '../registry/inspect.ts';
import type { VersionRecord, VersionState } from '../registry/records.ts';
import type { Registry } from '../registry/registry.ts';
import { diffVersions } from '../registry/version-diff.ts';
import {
  requiredText,
  asJson,
  moduleId,
  moduleInput,
  moduleReference,
  optionalText,
  text,
  versionInput,
  visibleBy,
  type ManagementOperation,
} from './define.ts';

/** States that the version has which stands for its module in a list. */
const listedStates: readonly VersionState[] = ['pending', 'active', 'rejected', 'archived'];

const requestedState = (input: JsonObject): VersionState | undefined => {
  const written = optionalText(input, 'state');
  const state = listedStates.find((each) => each === written);
  if (written === undefined || state !== undefined) return state;
  throw new BurgeonError('USAGE', {
    message: `There is no state ${JSON.stringify(written.slice(0, 100))}.`,
    hint: `States: ${listedStates.join(', ')}`,
  });
};

/** Operations that look at modules and change nothing. */
export const inspectingOperations = (parts: { registry: Registry }): ManagementOperation[] => [
  {
    id: 'listModules',
    summary: 'Lists the modules.',
    effect: 'read',
    route: 'GET /api/modules',
    doors: ['web', 'model'],
    needs: 'view',
    input: { properties: { state: { enum: [...listedStates], description: 'Only modules in this state.' } } },
    output: { type: 'array', items: { type: 'object' } },
    visible: visibleBy('id'),
    handle: async (input) => {
      const state = requestedState(input);
      return asJson(
        (await parts.registry.list()).filter((module) => state === undefined || module.state === state).map(summaryOf),
      );
    },
  },
  {
    id: 'showModule',
    summary: 'Shows one module: its card, operations, checks and, when asked, its files.',
    effect: 'read',
    route: 'GET /api/modules/{namespace}/{name}',
    doors: ['web', 'model'],
    needs: 'view',
    input: moduleInput({ ...versionInput, files: { type: 'boolean', description: 'With the text of every file.' } }),
    output: { type: 'object' },
    handle: async (input) => showModule(parts, input),
  },
  {
    id: 'resolveModule',
    summary: 'Gives the full id and version of a reference: `namespace/name`, `namespace/name@version`, or a unique bare name.',
    effect: 'read',
    route: 'GET /api/resolve',
    doors: ['web'],
    needs: 'view',
    input: { properties: { reference: text('The reference.') }, required: ['reference'] },
    output: { type: 'object' },
    about: async (input) => (await parts.registry.resolve(requiredText(input, 'reference'))).id,
    handle: async (input) => asJson(await parts.registry.resolve(requiredText(input, 'reference'))),
  },
  ...versionOperations(parts),
];

const versionOperations = (parts: { registry: Registry }): ManagementOperation[] => [
  {
    id: 'listVersions',
    summary: 'Lists the versions of a module, newest first.',
    effect: 'read',
    route: 'GET /api/modules/{namespace}/{name}/versions',
    doors: ['web'],
    needs: 'view',
    input: moduleInput(),
    output: { type: 'array', items: { type: 'object' } },
    handle: async (input) => asJson((await parts.registry.versions(moduleId(input))).toReversed().map(summaryOf)),
  },
  {
    id: 'diffVersions',
    summary: 'Says what changed between two versions: operations, types, capabilities, limits and files, with a semver verdict.',
    effect: 'read',
    route: 'GET /api/modules/{namespace}/{name}/diff',
    doors: ['web'],
    needs: 'view',
    input: moduleInput({ from: text('Earlier version.'), to: text('Later version.') }, ['from', 'to']),
    output: { type: 'object' },
    handle: async (input) => {
      const side = (name: string): Promise<Inspected> =>
        inspect(parts.registry, `${moduleId(input)}@${requiredText(input, name)}`);
      return asJson(diffVersions(await side('from'), await side('to')));
    },
  },
];

/** What lists show of a version. */
const summaryOf = ({
  checks: _checks,
  trial: _trial,
  files: _files,
  signature: _signature,
  ...summary
}: VersionRecord): Omit<VersionRecord, 'checks' | 'trial' | 'files' | 'signature'> => summary;

const showModule = async (parts: { registry: Registry }, input: JsonObject): Promise<JsonValue> => {
  const inspected = await inspect(parts.registry, moduleReference(input));
  const { record, interface: description } = inspected;
  // Approved once, but its signature may count no longer: then it is not called, whatever its state.
  const refusal = record.signature === undefined ? undefined : await parts.registry.refusal(record);
  return asJson({
    ...summaryOf(record),
    refusal: refusal?.message,
    checks: record.checks,
    trial: record.trial,
    signed: record.signature !== undefined,
    files: input['files'] === true ? inspected.candidate.files : record.files,
    title: description.title,
    description: description.description,
    source: description.source,
    locations: description.locations,
    remarks: await parts.registry.remarks(record.id),
    auth: description.auth,
    capabilities: inspected.capabilities,
    operations: description.operations.length,
    interface: description,
  });
};
