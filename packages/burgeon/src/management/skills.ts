import { BurgeonError, type CallOptions, type JsonObject, type JsonSchema, type JsonValue } from '@burgeon/kit';
import type { Gateway } from '../approval/gateway.ts';
import type { ApprovalRequest } from '../approval/request.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { inspect } from '../registry/inspect.ts';
import type { Registry } from '../registry/registry.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { currentAccess, otherModules } from '../security/access.ts';
import {
  asJson,
  optionalText,
  remarkInput,
  remarksOf,
  requiredText,
  text,
  visibleBy,
  type ManagementOperation,
} from './define.ts';

/** What these operations work with. */
interface SkillParts {
  registry: Registry;
  runtime: Runtime;
  pipeline: Pipeline;
  gateway: Gateway;
}

/**
 * Modules under the names another system gave them: skills, with slugs for ids and states of their own. Each does what an operation on
 * modules does, under the same rights; there is nothing here that cannot be done there.
 */
export const skillOperations = (parts: SkillParts): ManagementOperation[] => [
  listing(parts),
  showing(parts),
  changing(parts),
  generating(parts),
  executing(parts),
  approving(parts),
  rollingBack(parts),
  archiving(parts),
];

const slugged = (
  more: Record<string, JsonSchema> = {},
  required: string[] = [],
): { properties: Record<string, JsonSchema>; required: string[] } => ({
  properties: { id: text('Slug of the skill: the short name of the module, `name@v1.0.0` for one version.'), ...more },
  required: ['id', ...required],
});

const slugOf = (id: string): string => id.slice(id.indexOf('/') + 1);

const idOf =
  ({ registry }: SkillParts, property = 'id') =>
  async (input: JsonObject): Promise<string> =>
    (await registry.resolve(requiredText(input, property))).id;

/** Where a version stands in words of skills: half an approval has a name of its own. */
const stateOf = (state: string, request: ApprovalRequest | undefined): string =>
  state === 'pending' && request?.state === 'half' ? 'channel_1_confirmed' : state;

/** The latest approval request for a module, an open one before all others. */
const requestFor = async ({ gateway }: SkillParts, module: string): Promise<ApprovalRequest | undefined> => {
  const all = (await gateway.list()).filter((request) => request.module === module);
  return all.findLast(({ state }) => state === 'pending' || state === 'half') ?? all.at(-1);
};

const listing = ({ registry }: SkillParts): ManagementOperation => ({
  id: 'listSkills',
  summary: 'Lists the modules as skills.',
  effect: 'read',
  route: 'GET /api/skills',
  doors: ['web'],
  needs: 'view',
  output: { type: 'array', items: { type: 'object' } },
  visible: visibleBy('module'),
  handle: async () =>
    (await registry.list()).map(({ id, version, state, createdAt }) => ({
      id: slugOf(id),
      slug: slugOf(id),
      module: id,
      version,
      state,
      createdAt,
    })),
});

const showing = (parts: SkillParts): ManagementOperation => ({
  id: 'showSkill',
  summary: 'Shows a skill: code, capabilities, findings, version and state.',
  effect: 'read',
  route: 'GET /api/skills/{id}',
  doors: ['web'],
  needs: 'view',
  input: slugged(),
  output: { type: 'object' },
  about: idOf(parts),
  handle: async (input) => {
    const { record, candidate, capabilities } = await inspect(parts.registry, requiredText(input, 'id'));
    const request = record.request === undefined ? undefined : await parts.gateway.get(record.request);
    const { id, version, state, checks } = record;
    const slug = slugOf(id);
    const remarks = await parts.registry.remarks(id);
    const shown = {
      id: slug,
      slug,
      module: id,
      version,
      state: stateOf(state, request),
      ...remarks,
      capabilities,
      findings: checks,
    };
    return asJson({ ...shown, code: candidate.files, ...(request === undefined ? {} : { request: request.id }) });
  },
});

const sourceInput: Record<string, JsonSchema> = {
  what: { type: 'string', description: 'Path, URL or connection string of what to make it from.' },
  text: { type: 'string', description: 'The document itself, when it does not come from `what`.' },
};

const changing = (parts: SkillParts): ManagementOperation => ({
  id: 'changeSkill',
  summary: 'Changes what people say of a skill; other code, from `what`, becomes a new version that waits for approval.',
  effect: 'write',
  route: 'PATCH /api/skills/{id}',
  doors: ['web'],
  needs: 'operate',
  input: slugged({ ...remarkInput, ...sourceInput }),
  output: { type: 'object' },
  about: idOf(parts),
  handle: async (input, options) => {
    const id = await idOf(parts)(input);
    const changes = remarksOf(input);
    const what = optionalText(input, 'what');
    if (what === undefined && Object.keys(changes).length === 0) throw nothingToChange();
    const made = what === undefined ? {} : await renew(parts, { id, what, text: optionalText(input, 'text') }, options);
    const remarks = await (Object.keys(changes).length === 0 ? parts.registry.remarks(id) : parts.registry.remark(id, changes));
    const { version, state } = await parts.registry.show(id);
    return { id: slugOf(id), slug: slugOf(id), module: id, version, state, ...remarks, ...made };
  },
});

/** A new version of a skill from another source, which must be one of the same module. @throws {BurgeonError} CONFLICT, FORBIDDEN */
const renew = async (
  { pipeline }: SkillParts,
  { id, what, text: document }: { id: string; what: string; text: string | undefined },
  options: CallOptions,
): Promise<{ version: string; state: string; request?: string }> => {
  if (currentAccess().modules !== undefined) throw otherModules('Code from elsewhere is taken in for the whole home.');
  const wanted = { what, name: slugOf(id), ...(document === undefined ? {} : { text: document }) };
  const { moduleIdOf } = await import('../pipeline/generate.ts');
  const found = moduleIdOf(await pipeline.describe(wanted));
  if (found !== id) {
    throw new BurgeonError('CONFLICT', {
      message: `That would be another module, ${found}, not a version of ${id}.`,
      hint: 'POST /api/skills/generate makes a skill of its own of it.',
    });
  }
  const { module, request } = await pipeline.add(wanted, (event) => options.progress?.(event));
  return { version: module.version, state: module.state, ...(request === undefined ? {} : { request: request.id }) };
};

const nothingToChange = (): BurgeonError =>
  new BurgeonError('USAGE', {
    message: 'The request changes nothing.',
    hint: 'Give "title" or "note"; or "what" for other code, which becomes a new version.',
  });

const generating = ({ pipeline }: SkillParts): ManagementOperation => ({
  id: 'generateSkill',
  summary: 'Makes a skill from what is pointed at, and asks for approval.',
  effect: 'write',
  route: 'POST /api/skills/generate',
  doors: ['web'],
  needs: 'operate',
  status: '202',
  input: {
    properties: {
      ...sourceInput,
      name: { type: 'string', description: 'Short name for the skill.' },
      need: { type: 'string', description: 'What is needed, as a sentence.' },
    },
  },
  output: { type: 'object' },
  handle: async (input, options) => {
    const what = wanted(input);
    const [document, name] = [optionalText(input, 'text'), optionalText(input, 'name')];
    const request = { what, ...(document === undefined ? {} : { text: document }), ...(name === undefined ? {} : { name }) };
    const { module, request: asked } = await pipeline.add(request, (event) => options.progress?.(event));
    const slug = slugOf(module.id);
    const made = { id: slug, slug, module: module.id, version: module.version, state: module.state };
    return { ...made, ...(asked === undefined ? {} : { request: asked.id }) };
  },
});

/** What to make a skill from. @throws {BurgeonError} USAGE when nothing is said, UNSUPPORTED for a sentence alone */
const wanted = (input: JsonObject): string => {
  const what = optionalText(input, 'what')?.trim() ?? '';
  if (what !== '') return what;
  if ((optionalText(input, 'need')?.trim() ?? '') === '') {
    throw new BurgeonError('USAGE', {
      message: 'The request says neither what the skill is made from nor what is needed.',
      hint: 'Give "what": a path, a URL or a connection string.',
    });
  }
  throw new BurgeonError('UNSUPPORTED', {
    message: 'A skill cannot be made from a sentence alone here.',
    hint: 'Give "what" too: a path, a URL or a connection string of an interface to make it from.',
  });
};

const executing = (parts: SkillParts): ManagementOperation => ({
  id: 'executeSkill',
  summary: 'Carries out one action of a skill.',
  effect: 'write',
  route: 'POST /api/skills/execute',
  doors: ['web'],
  needs: 'operate',
  input: {
    properties: {
      slug: text('Slug of the skill.'),
      action: text('Id of the operation.'),
      params: { type: 'object', description: 'What the operation takes.' },
    },
    required: ['slug', 'action'],
  },
  output: {
    type: 'object',
    properties: { result: true, elapsedMs: { type: 'number' }, traceId: { type: 'string' } },
    required: ['result', 'elapsedMs', 'traceId'],
  },
  about: idOf(parts, 'slug'),
  handle: async (input, options) => {
    const params = (input['params'] ?? {}) as JsonObject;
    const reference = requiredText(input, 'slug');
    const { stream, output, elapsedMs, traceId } = await parts.runtime.call(
      reference,
      requiredText(input, 'action'),
      params,
      options,
    );
    const result: JsonValue = stream === undefined ? output : await Array.fromAsync(stream);
    return { result, elapsedMs, traceId };
  },
});

const approving = (parts: SkillParts): ManagementOperation => ({
  id: 'approveSkill',
  summary: 'Answers the approval request of a skill over one channel.',
  effect: 'write',
  route: 'POST /api/skills/{id}/approve',
  doors: ['web'],
  needs: 'approve',
  input: slugged({
    code: text('The code of the channel.'),
    channel: text('The channel that is answered; the one that was asked when absent.'),
  }),
  output: { type: 'object' },
  about: idOf(parts),
  handle: async (input) => {
    const id = await idOf(parts)(input);
    const open = await requestFor(parts, id);
    if (open === undefined) {
      throw new BurgeonError('REQUEST_NOT_FOUND', {
        message: `Nobody was asked to approve ${id}.`,
        hint: 'burgeon approvals lists what waits.',
      });
    }
    const [code, channel] = [optionalText(input, 'code'), optionalText(input, 'channel')];
    const answer = { ...(code === undefined ? {} : { code }), ...(channel === undefined ? {} : { channel }) };
    const { request, module } = await parts.pipeline.approve(open.id, answer);
    const state = stateOf(module?.state ?? 'pending', request);
    return { id: slugOf(id), slug: slugOf(id), module: id, version: request.version, state, request: request.id };
  },
});

const rollingBack = (parts: SkillParts): ManagementOperation => ({
  id: 'rollbackSkill',
  summary: 'Goes back to an earlier version of a skill (the one before, unless named).',
  effect: 'write',
  route: 'POST /api/skills/{id}/rollback',
  doors: ['web'],
  needs: 'operate',
  input: slugged({ version: text('Version to go back to.') }),
  output: { type: 'object' },
  about: idOf(parts),
  handle: async (input) => {
    const state = await parts.pipeline.rollback(await idOf(parts)(input), optionalText(input, 'version'));
    return { ...state, id: slugOf(state.id), slug: slugOf(state.id), module: state.id };
  },
});

const archiving = (parts: SkillParts): ManagementOperation => ({
  id: 'archiveSkill',
  summary: 'Puts a skill away; nothing is erased.',
  effect: 'write',
  route: 'DELETE /api/skills/{id}',
  doors: ['web'],
  needs: 'operate',
  input: slugged(),
  output: { type: 'object' },
  about: idOf(parts),
  handle: async (input) => {
    const state = await parts.pipeline.archive(await idOf(parts)(input));
    return { ...state, id: slugOf(state.id), slug: slugOf(state.id), module: state.id };
  },
});
