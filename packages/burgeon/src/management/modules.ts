import { BurgeonError, type AdapterList, type JsonObject, type JsonSchema, type JsonValue, type Target } from '@burgeon/kit';
import { diffInterfaces } from '../interface/diff.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { inspect, type Inspected } from '../registry/inspect.ts';
import type { VersionRecord } from '../registry/records.ts';
import type { Registry } from '../registry/registry.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { diffCapabilities } from '../security/capabilities.ts';
import { moduleId, moduleInput, optionalText, text, type ManagementOperation } from './define.ts';

/** What operations on modules need. */
export interface ModuleParts {
  pipeline: Pipeline;
  registry: Registry;
  runtime: Runtime;
  targets: AdapterList<Target>;
}

const json = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value)) as JsonValue;

const pointing: { properties: Record<string, JsonSchema>; required: string[] } = {
  properties: {
    what: text('Path, URL or connection string of what to read.'),
    text: { type: 'string', description: 'The document itself, when it does not come from `what`.' },
    as: text('Source to read it with instead of the best guess.'),
    name: text('Short name for the module.'),
    location: text("Base address to use instead of the document's own."),
    allowRefs: { type: 'array', items: { type: 'string' }, description: 'Further documents that this one may refer to.' },
  },
  required: ['what'],
};

const deriveRequest = (input: JsonObject): Parameters<Pipeline['describe']>[0] => {
  const refs = input['allowRefs'];
  return {
    what: String(input['what']),
    ...Object.fromEntries(
      (['text', 'as', 'name', 'location'] as const).flatMap((key) => {
        const value = optionalText(input, key);
        return value === undefined ? [] : [[key, value]];
      }),
    ),
    ...(Array.isArray(refs) ? { allowRefs: refs.map(String) } : {}),
  };
};

const version = { version: text('Version; the active one when absent.') };

/** Operations that bring modules in and look at them. */
export const readingOperations = (parts: ModuleParts): ManagementOperation[] => [
  {
    id: 'describe',
    summary: 'Reads a source and gives its interface; changes nothing.',
    effect: 'read',
    route: 'POST /api/describe',
    doors: ['web', 'model'],
    input: pointing,
    output: { type: 'object' },
    handle: async (input) => json((await parts.pipeline.describe(deriveRequest(input))).interface),
  },
  {
    id: 'addModule',
    summary: 'Reads a source, generates a module, checks and tries it, and asks for approval.',
    effect: 'write',
    route: 'POST /api/modules',
    doors: ['web', 'model'],
    input: pointing,
    output: { type: 'object' },
    handle: async (input, options) => json(await parts.pipeline.add(deriveRequest(input), (event) => options.progress?.(event))),
  },
  {
    id: 'listModules',
    summary: 'Lists the modules.',
    effect: 'read',
    route: 'GET /api/modules',
    doors: ['web', 'model'],
    input: { properties: { state: text('Only modules in this state.') } },
    output: { type: 'array', items: { type: 'object' } },
    handle: async (input) => {
      const state = optionalText(input, 'state');
      return json((await parts.registry.list()).filter((module) => state === undefined || module.state === state).map(summaryOf));
    },
  },
  {
    id: 'showModule',
    summary: 'Shows one module: its card, operations, checks and, when asked, its files.',
    effect: 'read',
    route: 'GET /api/modules/{namespace}/{name}',
    doors: ['web', 'model'],
    input: moduleInput({ ...version, files: { type: 'boolean', description: 'With the text of every file.' } }),
    output: { type: 'object' },
    handle: async (input) => showModule(parts, input),
  },
  {
    id: 'listVersions',
    summary: 'Lists the versions of a module, newest first.',
    effect: 'read',
    route: 'GET /api/modules/{namespace}/{name}/versions',
    doors: ['web'],
    input: moduleInput(),
    output: { type: 'array', items: { type: 'object' } },
    handle: async (input) => json((await parts.registry.versions(moduleId(input))).toReversed().map(summaryOf)),
  },
  {
    id: 'diffVersions',
    summary: 'Says what changed between two versions: operations, types and capabilities, with a semver verdict.',
    effect: 'read',
    route: 'GET /api/modules/{namespace}/{name}/diff',
    doors: ['web'],
    input: moduleInput({ from: text('Earlier version.'), to: text('Later version.') }, ['from', 'to']),
    output: { type: 'object' },
    handle: async (input) => {
      const side = (name: string): Promise<Inspected> => inspect(parts.registry, `${moduleId(input)}@${String(input[name])}`);
      const [before, after] = [await side('from'), await side('to')];
      const { verdict, changes } = diffInterfaces(before.interface, after.interface);
      return json({ verdict, changes, capabilities: diffCapabilities(before.capabilities, after.capabilities) });
    },
  },
  {
    id: 'resolveModule',
    summary: 'Gives the full id and version of a reference: `namespace/name`, `namespace/name@version`, or a unique bare name.',
    effect: 'read',
    route: 'GET /api/resolve',
    doors: ['web'],
    input: { properties: { reference: text('The reference.') }, required: ['reference'] },
    output: { type: 'object' },
    handle: async (input) => json(await parts.registry.resolve(String(input['reference']))),
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

const showModule = async (parts: ModuleParts, input: JsonObject): Promise<JsonValue> => {
  const wanted = optionalText(input, 'version');
  const reference = wanted === undefined ? moduleId(input) : `${moduleId(input)}@${wanted}`;
  const inspected = await inspect(parts.registry, reference);
  const { record, interface: description } = inspected;
  return json({
    ...summaryOf(record),
    checks: record.checks,
    trial: record.trial,
    signed: record.signature !== undefined,
    files: input['files'] === true ? inspected.candidate.files : record.files,
    title: description.title,
    description: description.description,
    source: description.source,
    locations: description.locations,
    auth: description.auth,
    capabilities: inspected.capabilities,
    operations: description.operations.length,
    interface: description,
  });
};

/** Operations that call modules and steer their life. */
export const livingOperations = (parts: ModuleParts): ManagementOperation[] => [
  {
    id: 'callOperation',
    summary: 'Calls one operation of a module.',
    effect: 'write',
    route: 'POST /api/modules/{namespace}/{name}/operations/{operation}',
    doors: ['web'],
    payload: 'input',
    input: moduleInput(
      {
        ...version,
        operation: text('Id of the operation.'),
        input: { type: 'object', description: 'What the operation takes.' },
      },
      ['operation'],
    ),
    output: {
      type: 'object',
      properties: { output: true, elapsedMs: { type: 'number' }, traceId: { type: 'string' } },
      required: ['output', 'elapsedMs', 'traceId'],
    },
    handle: async (input, options) => {
      const wanted = optionalText(input, 'version');
      const reference = wanted === undefined ? moduleId(input) : `${moduleId(input)}@${wanted}`;
      const argument = (input['input'] ?? {}) as JsonObject;
      const result = await parts.runtime.call(reference, String(input['operation']), argument, options);
      const output = result.stream ? await drain(result.stream) : result.output;
      return { output, elapsedMs: result.elapsedMs, traceId: result.traceId };
    },
  },
  lifeCycle('rollback', 'Goes back to an earlier version (the one before, unless named).', (id, input) =>
    parts.pipeline.rollback(id, optionalText(input, 'version')),
  ),
  lifeCycle('archive', 'Puts a module away; nothing is erased.', (id) => parts.pipeline.archive(id)),
  lifeCycle('restore', 'Brings an archived module back.', (id) => parts.pipeline.restore(id)),
  lifeCycle('reload', 'Drops the running instance; the next call loads the module anew.', async (id) => {
    const target = await parts.registry.resolve(id);
    await parts.runtime.unload(target.id);
    return { ...target, state: 'active' };
  }),
  {
    id: 'removeModule',
    summary: 'Removes a module with all its versions; the audit record stays.',
    effect: 'delete',
    route: 'DELETE /api/modules/{namespace}/{name}',
    doors: ['web'],
    input: moduleInput(),
    output: { type: 'object' },
    handle: async (input) => json({ module: await parts.pipeline.remove(moduleId(input)) }),
  },
  {
    id: 'checkModule',
    summary: 'Runs all checks over a module as it is stored.',
    effect: 'read',
    route: 'POST /api/modules/{namespace}/{name}/check',
    doors: ['web'],
    input: moduleInput(version),
    output: { type: 'object' },
    handle: async (input) => json(await parts.pipeline.recheck(moduleId(input), optionalText(input, 'version'))),
  },
  {
    id: 'testModule',
    summary: 'Tries a module against its own mirror, operation by operation.',
    effect: 'read',
    route: 'POST /api/modules/{namespace}/{name}/test',
    doors: ['web'],
    input: moduleInput(version),
    output: { type: 'object' },
    handle: async (input) => json(await parts.pipeline.retry(moduleId(input), optionalText(input, 'version'))),
  },
  {
    id: 'ejectModule',
    summary: 'Writes a module out for a target: a stand-alone client, an API document, a skill.',
    effect: 'read',
    route: 'GET /api/modules/{namespace}/{name}/eject',
    doors: ['web'],
    input: moduleInput({ ...version, target: text('Name of the target.') }, ['target']),
    output: { type: 'object' },
    handle: async (input) => eject(parts, input),
  },
];

const lifeCycle = (
  verb: 'rollback' | 'archive' | 'restore' | 'reload',
  summary: string,
  run: (id: string, input: JsonObject) => Promise<{ id: string; version: string; state: string }>,
): ManagementOperation => ({
  id: `${verb}Module`,
  summary,
  effect: 'write',
  route: `POST /api/modules/{namespace}/{name}/${verb}`,
  doors: ['web'],
  input: moduleInput(verb === 'rollback' ? version : {}),
  output: { type: 'object' },
  handle: async (input) => json({ module: await run(moduleId(input), input) }),
});

const drain = async (stream: AsyncIterable<JsonValue>): Promise<JsonValue[]> => {
  const items: JsonValue[] = [];
  for await (const item of stream) items.push(item);
  return items;
};

const eject = async (parts: ModuleParts, input: JsonObject): Promise<JsonValue> => {
  const name = String(input['target']);
  const target = Object.hasOwn(parts.targets, name) ? await parts.targets[name]?.() : undefined;
  if (!target) {
    throw new BurgeonError('ADAPTER_UNKNOWN', {
      message: `There is no target "${name}".`,
      hint: `Targets: ${Object.keys(parts.targets).join(', ')}`,
    });
  }
  const wanted = optionalText(input, 'version');
  const reference = await parts.registry.resolve(wanted === undefined ? moduleId(input) : `${moduleId(input)}@${wanted}`);
  const inspected = await inspect(parts.registry, reference);
  const files = await target.write(inspected.interface, { module: reference.id, version: reference.version, form: 'standalone' });
  return json({ target: name, files });
};
