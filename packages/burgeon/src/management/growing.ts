import type { JsonObject, JsonSchema } from '@burgeon/kit';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { requiredText, asJson, optionalText, text, type ManagementOperation } from './define.ts';

const pointing: { properties: Record<string, JsonSchema>; required: string[] } = {
  properties: {
    what: text('Path, URL or connection string of what to read.'),
    text: { type: 'string', description: 'The document itself, when it does not come from `what`.' },
    as: text('Source to read it with instead of the best guess.'),
    name: text('Short name for the module.'),
    location: text("Base address to use instead of the document's own."),
    integrity: text('What a package must be: `sha512-...`.'),
    allowFresh: { type: 'boolean', description: 'Take in a package that was published less than 72 hours ago.' },
    allowUnknown: { type: 'boolean', description: 'Take in a package of somebody nobody here knows; people approve it.' },
    allowRefs: { type: 'array', items: { type: 'string' }, description: 'Further documents that this one may refer to.' },
  },
  required: ['what'],
};

const deriveRequest = (input: JsonObject): Parameters<Pipeline['describe']>[0] => {
  const refs = input['allowRefs'];
  return {
    what: requiredText(input, 'what'),
    ...Object.fromEntries(
      (['text', 'as', 'name', 'location', 'integrity'] as const).flatMap((key) => {
        const value = optionalText(input, key);
        return value === undefined ? [] : [[key, value]];
      }),
    ),
    ...(input['allowFresh'] === true ? { allowFresh: true } : {}),
    ...(input['allowUnknown'] === true ? { allowUnknown: true } : {}),
    ...(Array.isArray(refs) ? { allowRefs: refs.map(String) } : {}),
  };
};

/** Operations that read sources and grow modules from them. */
export const growingOperations = (parts: { pipeline: Pipeline }): ManagementOperation[] => [
  {
    id: 'describe',
    summary: 'Reads a source and gives its interface; changes nothing.',
    effect: 'read',
    route: 'POST /api/describe',
    doors: ['web', 'model'],
    needs: 'operate',
    input: pointing,
    output: { type: 'object' },
    handle: async (input) => asJson((await parts.pipeline.describe(deriveRequest(input))).interface),
  },
  {
    id: 'addModule',
    summary: 'Reads a source, generates a module, checks and tries it, and asks for approval.',
    effect: 'write',
    route: 'POST /api/modules',
    doors: ['web', 'model'],
    needs: 'operate',
    input: pointing,
    output: { type: 'object' },
    handle: async (input, options) =>
      asJson(await parts.pipeline.add(deriveRequest(input), (event) => options.progress?.(event))),
  },
];
