import type { JsonValue } from '../json.ts';

/** What a channel says of how the bus carries its messages: `Channel.bindings.bus`. It counts at the module that receives them. */
export interface BusBinding {
  /**
   * What happens to a message for which there is no room: its sender is told (`refuse`, the default), the oldest waiting message of the
   * channel gives way, or the new one is dropped.
   */
  overflow?: 'refuse' | 'drop-oldest' | 'drop-newest';
  /** How many messages are worked on at once, 1 to 64. Default: 1. */
  atOnce?: number;
  /** How often a message is handed over before it is parked, 1 to 10. Default: 3. */
  attempts?: number;
  /** Version of the message's schema, which goes with every message that names no other. */
  version?: string;
}

/**
 * A message as it travels between processes and lies in the store: the JSON form of CloudEvents 1.0, first version.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export interface MessageEnvelope1 {
  specversion: '1.0';
  envelopeversion: '1.0';
  /** Unique among the messages of its source. */
  id: string;
  /** Who sent it: `namespace/name@version`. */
  source: string;
  /** The topic. */
  type: string;
  /** ISO 8601 UTC. */
  time: string;
  datacontenttype: 'application/json';
  data: JsonValue;
  /** The chain of calls it belongs to. @see https://www.w3.org/TR/trace-context/#traceparent-header */
  traceparent: string;
  /** Version of the schema of `data`. */
  schemaversion?: string;
}

/** The second version: `schemaversion` is called `dataversion`, as CloudEvents names what concerns the data, and `via` is new. */
export interface MessageEnvelope2 extends Omit<MessageEnvelope1, 'envelopeversion' | 'schemaversion'> {
  envelopeversion: '2.0';
  dataversion?: string;
  /** Ids of the modules that wait for the reply, the first to ask first, with a blank between them. */
  via: string;
}

/** A message in either version. */
export type MessageEnvelope = MessageEnvelope1 | MessageEnvelope2;

/** What became of a message at one receiver: handed over at once, waiting its turn, or not taken. */
export type DeliveryOutcome = 'delivered' | 'queued' | 'refused' | 'dropped';

/** What became of a published message: how many receivers it went to in which way, and each by name. */
export type Published = Record<DeliveryOutcome, number> & {
  /** Of the message. */
  id: string;
  receivers: { module: string; outcome: DeliveryOutcome }[];
};

/** The bus as a module sees it. */
export interface ModuleBus {
  /**
   * Sends a message to every module that takes the topic. It does not wait until they have worked on it.
   * @throws {BurgeonError} CAPABILITY_DENIED; INPUT_INVALID (data.issues) when the body is not what the module's own channel says;
   * QUEUE_FULL when nobody took it for want of room
   */
  publish(topic: string, body: JsonValue, options?: { version?: string }): Promise<Published>;
  /**
   * Sends a message to the one module that answers the topic and gives its reply.
   * @throws {BurgeonError} CAPABILITY_DENIED; INPUT_INVALID; MODULE_NOT_FOUND when nobody takes the topic, NAME_AMBIGUOUS when several
   * do; QUEUE_FULL; TIMEOUT; LIMIT_EXCEEDED when the question goes round in a circle; and whatever the receiver throws
   */
  request(
    topic: string,
    body: JsonValue,
    options?: { timeoutMs?: number; version?: string; signal?: AbortSignal },
  ): Promise<JsonValue>;
}
