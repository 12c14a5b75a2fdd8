import type { JsonObject, JsonValue } from '@burgeon/kit';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Registry } from '../registry/registry.ts';
import type { Runtime } from '../runtime/runtime.ts';
import {
  requiredText,
  asJson,
  moduleId,
  moduleInput,
  moduleReference,
  optionalText,
  remarkInput,
  remarksOf,
  text,
  versionInput,
  type ManagementOperation,
} from './define.ts';

/** Operations that call modules and steer their life. */
export const livingOperations = (parts: { pipeline: Pipeline; registry: Registry; runtime: Runtime }): ManagementOperation[] => [
  {
    id: 'callOperation',
    summary: 'Calls one operation of a module.',
    effect: 'write',
    route: 'POST /api/modules/{namespace}/{name}/operations/{operation}',
    doors: ['web'],
    needs: 'operate',
    payload: 'input',
    input: moduleInput(
      {
        ...versionInput,
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
      const argument = (input['input'] ?? {}) as JsonObject;
      const result = await parts.runtime.call(moduleReference(input), requiredText(input, 'operation'), argument, options);
      const output = result.stream ? await drain(result.stream) : result.output;
      return { output, elapsedMs: result.elapsedMs, traceId: result.traceId };
    },
  },
  lifeCycle('rollback', 'Goes back to an earlier version (the one before, unless named).', (id, input) =>
    parts.pipeline.rollback(id, optionalText(input, 'version')),
  ),
  lifeCycle('archive', 'Puts a module away; nothing is erased.', (id) => parts.pipeline.archive(id)),
  lifeCycle('restore', 'Brings an archived module back.', (id) => parts.pipeline.restore(id)),
  {
    id: 'remarkOnModule',
    summary: 'Changes what people say of a module: a title, a note. What was approved stays as it is.',
    effect: 'write',
    route: 'PATCH /api/modules/{namespace}/{name}',
    doors: ['web'],
    needs: 'operate',
    input: moduleInput(remarkInput),
    output: { type: 'object' },
    handle: async (input) => asJson({ id: moduleId(input), ...(await parts.registry.remark(moduleId(input), remarksOf(input))) }),
  },
  {
    id: 'removeModule',
    summary: 'Removes a module with all its versions; the audit record stays.',
    effect: 'delete',
    route: 'DELETE /api/modules/{namespace}/{name}',
    doors: ['web'],
    needs: 'own',
    input: moduleInput(),
    output: { type: 'object' },
    handle: async (input) => asJson({ module: await parts.pipeline.remove(moduleId(input)) }),
  },
];

const lifeCycle = (
  verb: 'rollback' | 'archive' | 'restore',
  summary: string,
  run: (id: string, input: JsonObject) => Promise<{ id: string; version: string; state: string }>,
): ManagementOperation => ({
  id: `${verb}Module`,
  summary,
  effect: 'write',
  route: `POST /api/modules/{namespace}/{name}/${verb}`,
  doors: ['web'],
  needs: 'operate',
  input: moduleInput(verb === 'rollback' ? versionInput : {}),
  output: { type: 'object' },
  handle: async (input) => asJson({ module: await run(moduleId(input), input) }),
});

const drain = async (stream: AsyncIterable<JsonValue>): Promise<JsonValue[]> => {
  const items: JsonValue[] = [];
  for await (const item of stream) items.push(item);
  return items;
};
