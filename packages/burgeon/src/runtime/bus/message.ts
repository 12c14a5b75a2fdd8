import type { JsonValue } from '@burgeon/kit';

/**
 * A message on its way. Its body is JSON text from the moment it is sent, so that nobody who holds the value can change what others
 * receive, and what waits has a size.
 */
export interface Message {
  id: string;
  /** Id of the module that sent it, or {@link outside}. */
  from: string;
  /** `namespace/name@version`. */
  source: string;
  topic: string;
  /** Milliseconds since the epoch. */
  sentAt: number;
  traceparent: string;
  /** Version of the schema of the body. */
  version: string | undefined;
  /** Modules that wait for the reply, the first to ask first. */
  via: readonly string[];
  text: string;
  /** Of the text as UTF-8. */
  bytes: number;
}

/** The sender of what comes from outside. */
export const outside = 'burgeon';

/** The body, a copy of its own each time. */
export const bodyOf = ({ text }: Message): JsonValue => JSON.parse(text) as JsonValue;
