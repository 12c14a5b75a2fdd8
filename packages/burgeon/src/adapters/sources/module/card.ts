import {
  type BundleFile,
  type BusBinding,
  type Channel,
  type JsonSchema,
  type Manifest,
  type ModuleManifest,
  type Namespace,
  type Operation,
  type Program,
  type SourceBudget,
  manifestExtension,
  namespaces,
} from '@burgeon/kit';
import manifestSchema from '@burgeon/kit/schemas/manifest.schema.json' with { type: 'json' };
import { kebabOf } from '../../../interface/naming.ts';
import { manifestPath } from '../../../security/bundle.ts';
import { documentIn, shapeOf } from './document.ts';

/** One row of the table of operations; `effect` is `write` unless it says otherwise. */
export type OperationRow = Partial<
  Pick<Operation, 'summary' | 'description' | 'deprecated' | 'tags' | 'effect' | 'idempotent' | 'errors' | 'examples'>
> & { input?: Partial<Operation['input']>; output?: JsonSchema };

/** One row of the table of channels, as the module sees it: `out` = it sends, `in` = it is sent to. */
export type ChannelRow = Pick<Channel, 'summary' | 'description' | 'direction' | 'reply'> & { message?: JsonSchema } & BusBinding;

/** What a plugin.json says of the module in its folder. */
export interface Card {
  namespace: Namespace;
  /** Kebab-case. */
  name: string;
  version: string;
  title: string;
  about: Program['about'];
  module: Partial<Pick<ModuleManifest, 'host' | 'entry' | 'capabilities' | 'limits' | 'state'>> & {
    dependencies: Record<string, string>;
    operations?: Record<string, OperationRow>;
    channels?: Record<string, ChannelRow>;
    types?: Record<string, JsonSchema>;
  };
}

const text = { type: 'string', maxLength: 4096 };
const texts = { type: 'array', items: { type: 'string', maxLength: 256 }, maxItems: 64 };
const schema = { type: ['object', 'boolean'] };
const list = { type: 'array', items: { type: 'object' }, maxItems: 256 };

const row = {
  type: 'object',
  properties: {
    summary: text,
    description: text,
    deprecated: { type: 'boolean' },
    tags: texts,
    effect: { enum: ['read', 'write', 'delete'] },
    idempotent: { type: 'boolean' },
    input: {
      type: 'object',
      properties: { type: { const: 'object' }, properties: { type: 'object', additionalProperties: schema }, required: texts },
    },
    output: schema,
    errors: list,
    examples: list,
  },
  additionalProperties: false,
};

const channelRow = {
  type: 'object',
  properties: {
    summary: text,
    description: text,
    direction: { enum: ['in', 'out', 'both'] },
    message: schema,
    reply: schema,
    overflow: { enum: ['refuse', 'drop-oldest', 'drop-newest'] },
    atOnce: { type: 'integer', minimum: 1, maximum: 64 },
    attempts: { type: 'integer', minimum: 1, maximum: 10 },
    version: { type: 'string', minLength: 1, maxLength: 64 },
  },
  required: ['direction'],
  additionalProperties: false,
};

/** What one module may ask of the machine that runs all of them. */
const highestLimits = {
  wallMs: { maximum: 300_000 },
  cpuMs: { maximum: 60_000 },
  memoryBytes: { maximum: 1024 ** 3 },
  hardMemoryBytes: { maximum: 2 * 1024 ** 3 },
  argumentBytes: { maximum: 64 * 1024 ** 2 },
  resultBytes: { maximum: 64 * 1024 ** 2 },
  logBytes: { maximum: 16 * 1024 ** 2 },
  pendingCalls: { maximum: 1_024 },
  hostCallsPerSecond: { maximum: 100_000 },
  ioBytes: { maximum: 1024 ** 3 },
};

const { $defs, properties } = manifestSchema;
const table = { type: 'object', maxProperties: 1_000 };

/** The manifest we write, with most of it left to us: what other readers of the file look for passes as it is. */
const requireManifest = shapeOf({
  type: 'object',
  properties: {
    ...properties,
    $schema: true,
    version: { type: 'string', maxLength: 64 },
    extensions: {
      type: 'object',
      properties: {
        [manifestExtension]: {
          ...$defs.module,
          properties: {
            ...$defs.module.properties,
            kind: { const: 'code' },
            host: { enum: ['isolate', 'strict', 'wasm', 'process'] },
            title: { type: 'string', minLength: 1, maxLength: 100 },
            limits: { allOf: [$defs.module.properties.limits, { properties: highestLimits }] },
            operations: { ...table, propertyNames: { pattern: '^[A-Za-z_$][A-Za-z0-9_$]{0,119}$' }, additionalProperties: row },
            channels: {
              ...table,
              propertyNames: { pattern: '^[A-Za-z0-9_$*][A-Za-z0-9_$.:/*-]{0,255}$' },
              additionalProperties: channelRow,
            },
            types: { ...table, additionalProperties: schema },
          },
          required: [],
          allOf: [{}],
        },
      },
      required: [manifestExtension],
    },
  },
  required: ['name', 'extensions'],
  $defs,
});

/** Reads the manifest of a folder. @throws {BurgeonError} SOURCE_INVALID, SPEC_TOO_COMPLEX */
export const readCard = async (files: readonly BundleFile[], budget: SourceBudget): Promise<Card> => {
  const value = await documentIn(files, manifestPath, budget);
  requireManifest(manifestPath, value);
  const { name, version = '1.0.0', extensions, ...rest } = value as Partial<Manifest> & Pick<Manifest, 'name'>;
  const module = extensions?.[manifestExtension] as Partial<ModuleManifest> &
    Pick<Card['module'], 'operations' | 'channels' | 'types'> & { title?: string };
  const { id = idOf(name), dependencies = {}, host, entry, capabilities, limits, state, operations, channels, types } = module;
  const [namespace = '', short = ''] = id.split('/');
  const about = pick(rest, ['description', 'author', 'homepage', 'repository', 'license', 'keywords']);
  const known = pick({ host, entry, capabilities, limits, state, operations, channels, types });
  return {
    namespace: namespace as Namespace,
    name: short,
    version,
    title: module.title ?? name,
    about,
    module: { ...known, dependencies },
  };
};

/** `parsers.outline` is `parsers/outline`; a name without a namespace is a skill. */
const idOf = (name: string): string => {
  const [first, ...rest] = name.split('.');
  const namespace = namespaces.find((each) => each === first && rest.length > 0);
  return `${namespace ?? 'skill'}/${kebabOf(namespace === undefined ? name : rest.join('-')).slice(0, 80)}`;
};

/** The named properties, or all, without those that are undefined. */
const pick = <T extends object>(
  value: T,
  names = Object.keys(value) as (keyof T)[],
): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(names.flatMap((name) => (value[name] === undefined ? [] : [[name, value[name]]]))) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
