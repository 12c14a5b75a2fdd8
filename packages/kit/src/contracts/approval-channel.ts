import type { Clock } from './context.ts';
import type { Store } from './store.ts';

/** What a channel shows and asks. */
export interface ApprovalQuestion {
  /** Approval request id. */
  request: string;
  /** Disclosure text: plain words, rendered from the capability difference. */
  text: string;
  /** First 8 hex digits of the bundle digest, so that people can compare channels. */
  fingerprint: string;
  /** ISO 8601 UTC. */
  expiresAt: string;
}

/** What the person was given, for the gateway to compare the answer with. */
export interface Asked {
  /** The code the person must give back, when this channel sends one; kept by the gateway only as a keyed hash. */
  code?: string;
}

/** A way to ask a person. Two channels count as different only when their `class` differs. */
export interface ApprovalChannel {
  readonly name: string;
  /** Kind of device or path the answer travels: `terminal`, `authenticator`, `mail`, ... */
  readonly class: string;
  /** True when the channel is set up for this owner and can be asked. */
  ready(): Promise<boolean>;
  ask(question: ApprovalQuestion): Promise<Asked>;
  /** For channels that judge the code themselves. Each code is accepted at most once. */
  verify?(question: ApprovalQuestion, code: string): Promise<boolean>;
  withdraw(request: string): Promise<void>;
}

/** What a channel may use when it is opened. */
export interface ApprovalChannelContext {
  clock: Clock;
  /** Where a channel remembers what must not be accepted twice. */
  store: Store;
  /** Shows text to the person in front of the machine. */
  write(text: string): void;
  /** A secret of the channel's own, by name; undefined when it was never set up. */
  secret(name: string): Promise<string | undefined>;
  /** Language of the words around the disclosure. Default: `en`. */
  locale?: 'en' | 'pl';
}

/** What a family's list holds: opens the channel with what the root hands down. */
export interface ApprovalChannelAdapter {
  readonly name: string;
  open(context: ApprovalChannelContext): ApprovalChannel;
}
