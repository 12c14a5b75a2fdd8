import type { JsonSchema } from '@burgeon/kit';
import type { Bus } from '../runtime/bus/bus.ts';
import { asJson, optionalText, requiredText, text, visibleBy, type ManagementOperation } from './define.ts';

const envelopeVersion: JsonSchema = { type: 'integer', enum: [1, 2], description: 'Version of the envelopes; 2 when absent.' };
const parkedId = { properties: { id: text('Id of the parked message.') }, required: ['id'] };

/** What these operations need of the bus. */
type MessageBus = Pick<Bus, 'accept' | 'parked' | 'redeliver' | 'discard'>;

/** Messages between modules: what comes from outside, and what was parked. */
export const messageOperations = (bus: MessageBus): ManagementOperation[] => [publishing(bus), ...parkedOperations(bus)];

const publishing = (bus: MessageBus): ManagementOperation => ({
  id: 'publishMessage',
  summary: 'Publishes a message to the modules that take its topic.',
  effect: 'write',
  route: 'POST /api/messages',
  doors: ['web'],
  needs: 'operate',
  payload: 'envelope',
  input: {
    properties: {
      envelope: {
        type: 'object',
        description: 'A CloudEvent 1.0 as JSON. "type" is the topic; all but that and "data" may be left out.',
        properties: { type: text('The topic.'), data: true },
        required: ['type'],
      },
    },
    required: ['envelope'],
  },
  output: {
    type: 'object',
    properties: { id: { type: 'string' }, receivers: { type: 'array', items: { type: 'object' } } },
    required: ['id', 'receivers'],
  },
  handle: async (input) => asJson(await bus.accept(input['envelope'])),
});

const parkedOperations = (bus: MessageBus): ManagementOperation[] => [
  {
    id: 'listParked',
    summary: 'Lists the messages that their receivers could not work on, oldest first.',
    effect: 'read',
    route: 'GET /api/messages/parked',
    doors: ['web'],
    needs: 'view',
    input: { properties: { module: text('Only those for this module: `namespace/name`.'), version: envelopeVersion } },
    output: { type: 'array', items: { type: 'object' } },
    visible: visibleBy('module'),
    handle: async (input) => {
      const module = optionalText(input, 'module');
      return asJson(await bus.parked({ ...(module === undefined ? {} : { module }), version: input['version'] === 1 ? 1 : 2 }));
    },
  },
  {
    id: 'redeliverParked',
    summary: 'Hands a parked message over once more; it stays parked when that fails.',
    effect: 'write',
    route: 'POST /api/messages/parked/{id}/redeliver',
    doors: ['web'],
    needs: 'operate',
    input: parkedId,
    output: { type: 'object', properties: { id: { type: 'string' }, module: { type: 'string' }, reply: true } },
    handle: async (input) => asJson(await bus.redeliver(requiredText(input, 'id'))),
  },
  {
    id: 'discardParked',
    summary: 'Forgets a parked message.',
    effect: 'delete',
    route: 'DELETE /api/messages/parked/{id}',
    doors: ['web'],
    needs: 'operate',
    input: parkedId,
    output: { type: 'object', properties: { id: { type: 'string' } } },
    handle: async (input) => {
      const id = requiredText(input, 'id');
      await bus.discard(id);
      return { id };
    },
  },
];
