import { BurgeonError, type AdapterList, type JsonObject, type JsonValue, type Target } from '@burgeon/kit';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { inspect } from '../registry/inspect.ts';
import type { Registry } from '../registry/registry.ts';
import {
  requiredText,
  asJson,
  moduleId,
  moduleInput,
  moduleReference,
  optionalText,
  text,
  versionInput,
  type ManagementOperation,
} from './define.ts';

/** What judging and writing out need. */
export interface JudgingParts {
  pipeline: Pipeline;
  registry: Registry;
  targets: AdapterList<Target>;
}

/** Operations that judge a stored module again, or write it out. */
export const judgingOperations = (parts: JudgingParts): ManagementOperation[] => [
  {
    id: 'checkModule',
    summary: 'Runs all checks over a module as it is stored.',
    effect: 'read',
    route: 'POST /api/modules/{namespace}/{name}/check',
    doors: ['web'],
    needs: 'operate',
    input: moduleInput(versionInput),
    output: { type: 'object' },
    handle: async (input) => asJson(await parts.pipeline.recheck(moduleId(input), optionalText(input, 'version'))),
  },
  {
    id: 'testModule',
    summary: 'Tries a module operation by operation, and runs its own tests behind walls.',
    effect: 'read',
    route: 'POST /api/modules/{namespace}/{name}/test',
    doors: ['web'],
    needs: 'operate',
    input: moduleInput(versionInput),
    output: { type: 'object' },
    handle: async (input) => asJson(await parts.pipeline.retry(moduleId(input), optionalText(input, 'version'))),
  },
  {
    id: 'ejectModule',
    summary: 'Writes a module out for a target: a stand-alone client, an API document, a skill.',
    effect: 'read',
    route: 'GET /api/modules/{namespace}/{name}/eject',
    doors: ['web'],
    needs: 'view',
    input: moduleInput({ ...versionInput, target: text('Name of the target.') }, ['target']),
    output: { type: 'object' },
    handle: async (input) => eject(parts, input),
  },
];

const eject = async (parts: JudgingParts, input: JsonObject): Promise<JsonValue> => {
  const name = requiredText(input, 'target');
  const target = Object.hasOwn(parts.targets, name) ? await parts.targets[name]?.() : undefined;
  if (!target) {
    throw new BurgeonError('ADAPTER_UNKNOWN', {
      message: `There is no target "${name}".`,
      hint: `Targets: ${Object.keys(parts.targets).join(', ')}`,
    });
  }
  const { record, interface: description } = await inspect(parts.registry, moduleReference(input));
  const files = await target.write(description, { module: record.id, version: record.version, form: 'standalone' });
  return asJson({ target: name, files });
};
