import type { JsonObject, JsonSchema } from '../json.ts';
import type { Clock } from './context.ts';
import type { Store, StoreWrite } from './store.ts';

/** What a channel shows and asks. */
export interface ApprovalQuestion {
  /** Approval request id. */
  request: string;
  /** Module id, `namespace/name`. */
  module: string;
  version: string;
  /** Disclosure text: plain words, rendered from the capability difference. */
  text: string;
  /** First 8 hex digits of the bundle digest, so that people can compare channels. */
  fingerprint: string;
  /** sha-256 (hex) of the bundle. */
  digest: string;
  /** sha-256 (hex) of the capabilities. */
  capabilitiesDigest: string;
  /** ISO 8601 UTC. */
  expiresAt: string;
}

/** What the person was given, for the gateway to compare the answer with. */
export interface Asked {
  /** The code the person must give back, when this channel sends one; kept by the gateway only as a keyed hash. */
  code?: string;
}

/** An answer as it reached a channel. */
export interface ApprovalAnswer {
  request: string;
  /** The code that was sent, or whatever the channel's own `verify` judges. */
  proof: string;
  /** Who answers, as `approver` named them; absent where the channel knows only its address. */
  by?: string;
}

/** Where answers go that reach a channel by its own way. Every answer is judged as if it had been typed. */
export interface ApprovalInbox {
  /** The requests whose turn is with this channel, the oldest first. */
  questions(): Promise<ApprovalQuestion[]>;
  /**
   * Confirms. Gives the state of the request afterwards.
   * @throws {BurgeonError} REQUEST_NOT_FOUND, APPROVAL_CLOSED, APPROVAL_CODE_INVALID, FORBIDDEN for who asked for it
   */
  approve(answer: ApprovalAnswer): Promise<'half' | 'approved'>;
  /** Refuses for good; needs the same proof. @throws {BurgeonError} REQUEST_NOT_FOUND, APPROVAL_CLOSED, APPROVAL_CODE_INVALID */
  reject(answer: ApprovalAnswer, why?: string): Promise<void>;
}

/** A way to ask a person. Two channels count as different only when both their `class` and their address differ. */
export interface ApprovalChannel {
  readonly name: string;
  /** Kind of device or path the answer travels: `terminal`, `authenticator`, `mail`, ... */
  readonly class: string;
  /** Where the answer comes from: a mail address, a URL. Absent = the channel has one place only, named like its class. */
  address?(): Promise<string>;
  /** True when the channel is set up for this owner and can be asked. */
  ready(): Promise<boolean>;
  ask(question: ApprovalQuestion): Promise<Asked>;
  /** For channels that judge the answer themselves. Each answer is accepted at most once. */
  verify?(question: ApprovalQuestion, proof: string): Promise<boolean>;
  withdraw(request: string): Promise<void>;
  /**
   * Answers a request to a path below `/approve/<name>/` of the server, which asks for no token there: the channel itself tells who may
   * answer. A GET never approves.
   */
  handle?(request: Request, inbox: ApprovalInbox): Promise<Response>;
  /** Takes answers that come by other ways, until closed. Called when a server starts. */
  listen?(inbox: ApprovalInbox): Promise<{ close(): Promise<void> }>;
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
  /** What the owner set for this channel; it fits the adapter's `settings`. Absent = nothing was set. */
  settings?: JsonObject;
  /** Base address of the server of this home, without a slash at its end; undefined while none runs. */
  pages?(): Promise<string | undefined>;
  /** The person a token of the server belongs to, when that person may approve. */
  approver?(token: string): Promise<{ id: string } | undefined>;
  /** Puts into the record what changes who may answer, together with the change itself: all of it or nothing. Absent = there is no record. */
  record?(event: { kind: string; data: JsonObject }, writes: StoreWrite[]): Promise<void>;
  /** Language of the words around the disclosure. Default: `en`. */
  locale?: 'en' | 'pl';
}

/** What a family's list holds: opens the channel with what the root hands down. */
export interface ApprovalChannelAdapter {
  readonly name: string;
  /** Schema of what the owner sets for this channel: an object of plain values, never a secret. Absent = nothing can be set. */
  readonly settings?: JsonSchema;
  /** Names of the secrets the owner keeps for it in the vault, `approval/<name>/<what>`, with what each is. */
  readonly secrets?: Readonly<Record<string, string>>;
  open(context: ApprovalChannelContext): ApprovalChannel;
}
