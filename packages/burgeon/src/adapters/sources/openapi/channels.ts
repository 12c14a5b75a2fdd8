import type { Channel, JsonValue } from '@burgeon/kit';
import { isObject } from '../../../base/json.ts';
import { assignNames, identifierOf, reservedWords } from '../../../interface/naming.ts';
import { type Endpoint, callbacksOf, endpointsOf } from './endpoints.ts';
import { readOperation } from './operations.ts';
import { type Reading, textMember } from './reading.ts';
import type { AuthTable } from './security.ts';

/** A message the other side sends, before it is named. */
interface Incoming {
  key: string;
  wish: string;
  endpoint: Endpoint;
}

/** Webhooks and callbacks: what the interface sends to us. The binding is that of the request we receive; for a callback its path is the run-time expression of the address. */
export const readChannels = (
  reading: Reading,
  callers: readonly { endpoint: Endpoint; id: string }[],
  auth: AuthTable,
): Channel[] => {
  const { root } = reading;
  const webhooks = [
    ...endpointsOf(reading, root['webhooks'], '/webhooks'),
    ...(isObject(root['webhooks']) ? [] : endpointsOf(reading, root['x-webhooks'], '/x-webhooks')),
  ];
  const incoming: Incoming[] = webhooks.map((endpoint) => ({
    key: `webhook ${endpoint.key} ${endpoint.method}`,
    wish: textMember(endpoint.node, 'operationId') ?? identifierOf(`on ${endpoint.key}`),
    endpoint,
  }));
  for (const { endpoint: caller, id } of callers) {
    for (const { name, endpoint } of callbacksOf(reading, caller)) {
      incoming.push({
        key: `callback ${id} ${name} ${endpoint.key} ${endpoint.method}`,
        wish: textMember(endpoint.node, 'operationId') ?? `${id} on ${name}`,
        endpoint,
      });
    }
  }
  const names = assignNames(incoming, { style: 'camel', maxLength: 80, reserved: reservedWords });
  return incoming.map(({ key, endpoint }, index) => {
    const id = names.get(key)!;
    reading.origins[`/channels/${index}`] = endpoint.place;
    return channelOf(reading, endpoint, id, auth);
  });
};

const channelOf = (reading: Reading, endpoint: Endpoint, id: string, auth: AuthTable): Channel => {
  // Neither the name of a webhook nor a run-time expression is a path template.
  const { operation, binding, input } = readOperation(reading, { ...endpoint, key: '/' }, id, auth);
  const message = input.body === undefined ? true : (operation.input.properties[input.body.property] ?? true);
  const path = endpoint.key.includes('{') || endpoint.key.startsWith('http') ? endpoint.key : '';
  const { summary, description } = operation;
  return {
    id,
    ...(summary !== undefined && { summary }),
    ...(description !== undefined && { description }),
    direction: 'in',
    message,
    auth: operation.auth,
    bindings: { http: { ...binding, path } as unknown as JsonValue },
  };
};
