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
