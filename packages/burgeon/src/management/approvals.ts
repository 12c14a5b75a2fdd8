import type { JsonObject, JsonSchema } from '@burgeon/kit';
import type { Gateway } from '../approval/gateway.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { requiredText, asJson, optionalText, text, visibleBy, type ManagementOperation } from './define.ts';

const request = (more: Record<string, JsonSchema> = {}): { properties: Record<string, JsonSchema>; required: string[] } => ({
  properties: { request: text('Id of the approval request.'), ...more },
  required: ['request'],
});

/** The module that an approval request concerns. */
const moduleOf =
  (gateway: Gateway) =>
  async (input: JsonObject): Promise<string> =>
    (await gateway.get(requiredText(input, 'request'))).module;

/** The approval inbox. Never shown to a model: a model can ask, only a person answers. */
export const approvalOperations = (parts: { gateway: Gateway; pipeline: Pipeline }): ManagementOperation[] => [
  {
    id: 'listApprovals',
    summary: 'Lists approval requests, newest first.',
    effect: 'read',
    route: 'GET /api/approvals',
    doors: ['web'],
    needs: 'view',
    output: { type: 'array', items: { type: 'object' } },
    visible: visibleBy('module'),
    handle: async () => asJson(await parts.gateway.list()),
  },
  {
    id: 'showApproval',
    summary: 'Shows one approval request with its disclosure.',
    effect: 'read',
    route: 'GET /api/approvals/{request}',
    doors: ['web'],
    needs: 'view',
    input: request(),
    output: { type: 'object' },
    about: moduleOf(parts.gateway),
    handle: async (input) => asJson(await parts.gateway.get(requiredText(input, 'request'))),
  },
  {
    id: 'approve',
    summary: 'Answers an approval request over one channel; the module becomes active when every channel it needs has confirmed.',
    effect: 'write',
    route: 'POST /api/approvals/{request}/approve',
    doors: ['web'],
    needs: 'approve',
    input: request({
      code: text('The code of the channel.'),
      channel: text('The channel that is answered; the one that was asked when absent.'),
    }),
    output: { type: 'object' },
    about: moduleOf(parts.gateway),
    handle: async (input) => {
      const code = optionalText(input, 'code');
      const channel = optionalText(input, 'channel');
      const answer = { ...(code === undefined ? {} : { code }), ...(channel === undefined ? {} : { channel }) };
      return asJson(await parts.pipeline.approve(requiredText(input, 'request'), answer));
    },
  },
  {
    id: 'reject',
    summary: 'Rejects an approval request; the module never becomes active.',
    effect: 'write',
    route: 'POST /api/approvals/{request}/reject',
    doors: ['web'],
    needs: 'approve',
    input: request({ why: text('The reason, for the record.') }),
    output: { type: 'object' },
    about: moduleOf(parts.gateway),
    handle: async (input) =>
      asJson(await parts.pipeline.reject(requiredText(input, 'request'), optionalText(input, 'why') ?? '')),
  },
];
