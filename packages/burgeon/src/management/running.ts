import { BurgeonError, type Clock, type JsonObject, type JsonSchema, type JsonValue } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';
import type { Registry } from '../registry/registry.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { asJson, moduleInput, moduleReference, versionInput, visibleBy, type ManagementOperation } from './define.ts';

/** What these operations work with. */
export interface RunningParts {
  registry: Registry;
  runtime: Runtime;
  clock: Clock;
}

/** Instances of one module at most. */
const mostReplicas = 64;

/** What every one of them answers with. `state` is where the version stands in the registry, `life` where what runs does. */
const steered: JsonSchema = {
  type: 'object',
  properties: {
    module: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        version: { type: 'string' },
        state: { type: 'string' },
        life: { type: 'string' },
        replicas: { type: 'integer' },
      },
      required: ['id', 'version', 'state', 'life', 'replicas'],
    },
  },
  required: ['module'],
};

/** Operations on what runs: looked at, started, replaced, ended. */
export const runningOperations = (parts: RunningParts): ManagementOperation[] => [
  listing(parts),
  loading(parts),
  reloading(parts),
  unloading(parts),
];

const listing = (parts: RunningParts): ManagementOperation => ({
  id: 'listRunning',
  summary: 'Lists the modules that run or were put aside: state, calls, errors, processor time, memory.',
  effect: 'read',
  route: 'GET /api/running',
  doors: ['web'],
  needs: 'view',
  output: {
    type: 'object',
    properties: { at: { type: 'string' }, modules: { type: 'array', items: { type: 'object' } } },
    required: ['at', 'modules'],
  },
  visible: (output, mayUse) => {
    const { at = '', modules = [] } = output as JsonObject;
    return { at, modules: visibleBy('module')(modules, mayUse) };
  },
  handle: async () => asJson({ at: isoNow(parts.clock), modules: parts.runtime.running() }),
});

const loading = (parts: RunningParts): ManagementOperation => ({
  id: 'loadModule',
  summary: 'Starts a module, with what it needs; also one that was quarantined or suspended.',
  effect: 'write',
  route: 'POST /api/modules/{namespace}/{name}/load',
  doors: ['web'],
  needs: 'operate',
  input: moduleInput({
    ...versionInput,
    replicas: { type: 'integer', minimum: 1, maximum: mostReplicas, description: 'Instances; as many as before when absent.' },
  }),
  output: steered,
  handle: async (input) => {
    const replicas = replicasOf(input);
    const { state, replicas: count } = await parts.runtime.load(
      moduleReference(input),
      replicas === undefined ? {} : { replicas },
    );
    return steeredModule(parts, input, { life: state, replicas: count });
  },
});

const reloading = (parts: RunningParts): ManagementOperation => ({
  id: 'reloadModule',
  summary: 'Puts a new instance in the place of the one that runs, with its state; no call is lost.',
  effect: 'write',
  route: 'POST /api/modules/{namespace}/{name}/reload',
  doors: ['web'],
  needs: 'operate',
  input: moduleInput(versionInput),
  output: steered,
  handle: async (input) => {
    const { state, replicas } = await parts.runtime.reload(moduleReference(input));
    return steeredModule(parts, input, { life: state, replicas });
  },
});

const unloading = (parts: RunningParts): ManagementOperation => ({
  id: 'unloadModule',
  summary: 'Ends what runs of a module and keeps its state; the next call starts it anew.',
  effect: 'write',
  route: 'POST /api/modules/{namespace}/{name}/unload',
  doors: ['web'],
  needs: 'operate',
  input: moduleInput({
    ...versionInput,
    cascade: { type: 'boolean', description: 'End the modules that need it first, instead of refusing.' },
  }),
  output: {
    ...steered,
    properties: { ...steered.properties, unloaded: { type: 'array', items: { type: 'string' } } },
    required: ['module', 'unloaded'],
  },
  handle: async (input) => {
    const unloaded = await parts.runtime.unload(moduleReference(input), { cascade: input['cascade'] === true });
    const answer = await steeredModule(parts, input, { life: 'unloaded', replicas: 0 });
    return { ...answer, unloaded };
  },
});

const steeredModule = async (
  { registry }: RunningParts,
  input: JsonObject,
  now: { life: string; replicas: number },
): Promise<{ module: JsonValue }> => {
  const { id, version, state } = await registry.show(moduleReference(input));
  return { module: { id, version, state, ...now } };
};

const replicasOf = ({ replicas }: JsonObject): number | undefined => {
  if (replicas === undefined) return undefined;
  if (typeof replicas === 'number' && Number.isInteger(replicas) && replicas >= 1 && replicas <= mostReplicas) return replicas;
  throw new BurgeonError('INPUT_INVALID', {
    message: `replicas is ${JSON.stringify(replicas).slice(0, 50)}.`,
    hint: `Give a whole number from 1 to ${mostReplicas}.`,
    data: { issues: [{ path: '/replicas', message: `must be a whole number from 1 to ${mostReplicas}` }] },
  });
};
