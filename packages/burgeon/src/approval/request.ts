import {
  BurgeonError,
  type ApprovalQuestion,
  type JsonObject,
  type Store,
  type StoreWrite,
  type StoredRecord,
} from '@burgeon/kit';
import type { Actor } from '../base/actor.ts';
import { fingerprintOf } from './disclosure.ts';
import type { Moment } from './moment.ts';
import type { DemandFacts } from './policy.ts';

/**
 * Where a request stands. `pending`: nobody has confirmed; `half`: the first of two channels has; the others are final. `stale`: the
 * bytes it speaks of are no longer the ones that would be activated; `superseded`: a later request for the module took its place.
 */
export type ApprovalState = 'pending' | 'half' | 'approved' | 'rejected' | 'expired' | 'stale' | 'superseded';

/** One confirmation. `at` is ISO 8601 UTC. */
export interface Receipt {
  channel: string;
  class: string;
  at: string;
}

/** Where a channel stands in a request. */
type ChannelState = 'waiting' | 'asked' | 'confirmed';

/** A question to the owner: may this version of this module do what the disclosure says. */
export interface ApprovalRequest {
  id: string;
  /** Module id, `namespace/name`. */
  module: string;
  version: string;
  state: ApprovalState;
  digest: string;
  capabilitiesDigest: string;
  /** ISO 8601 UTC. */
  createdAt: string;
  /** ISO 8601 UTC; from then on it counts as refused. */
  expiresAt: string;
  /** Who asked for the version. */
  requester: Actor;
  /** The run of the pipeline that made the version. */
  run?: string;
  /** How many different channels must confirm. */
  needed: number;
  /** Names or classes of channels, one of which must be among them. */
  among?: readonly string[];
  /** In the order in which they are asked; one at a time. */
  channels: { name: string; class: string; state: ChannelState }[];
  receipts: Receipt[];
  disclosure: string;
  /** What the channels after the first are asked; the name of the channel follows. Absent in requests of earlier versions. */
  confirmation?: string;
  /** Why it is closed, when it is not approved. */
  reason?: string;
}

/** A channel as it is kept: `hash` stands for the code that was sent, `wrong` counts answers that did not fit. */
export interface KeptChannel {
  name: string;
  class: string;
  /** Where its answers come from. */
  address: string;
  state: ChannelState;
  wrong: number;
  hash?: string;
}

/** A request as it is kept. */
export type KeptRequest = Omit<ApprovalRequest, 'id' | 'channels'> & {
  channels: KeptChannel[];
  /** When it was opened, and when the last channel confirmed. */
  opened: Moment;
  approved?: Moment;
  /** What the policy went by. Absent in requests of earlier versions. */
  facts?: DemandFacts;
  /** Digest of the version that was active when it was asked, which the disclosure compares with. */
  over?: string;
};

/** A request together with the revision that was read. */
export interface Loaded {
  id: string;
  rev: number;
  value: KeptRequest;
}

/** Table of the store that holds the requests. */
const approvalsTable = 'approvals';

/** True while somebody can still answer. */
export const isOpen = (value: Pick<KeptRequest, 'state'>): boolean => value.state === 'pending' || value.state === 'half';

/** The request as others may see it: neither hashes nor counts. */
export const publicForm = ({ id, value }: Pick<Loaded, 'id' | 'value'>): ApprovalRequest => {
  const { opened: _opened, approved: _approved, facts: _facts, over: _over, channels, ...shown } = value;
  return { id, ...shown, channels: channels.map(({ name, class: kind, state }) => ({ name, class: kind, state })) };
};

/** What a channel shows and asks: the disclosure, and above it, after the first, that it is one more confirmation of the same. */
export const questionOf = ({ id, disclosure, confirmation, ...request }: ApprovalRequest): ApprovalQuestion => {
  const turn = request.channels.find(({ state }) => state !== 'confirmed');
  const again = confirmation !== undefined && turn !== undefined && request.receipts.length > 0;
  return {
    request: id,
    module: request.module,
    version: request.version,
    text: again ? `${confirmation} ${placeNames[turn.class] ?? turn.class}\n\n${disclosure}` : disclosure,
    fingerprint: fingerprintOf(request.digest),
    digest: request.digest,
    capabilitiesDigest: request.capabilitiesDigest,
    expiresAt: request.expiresAt,
  };
};

/** Where people are asked, in their words, by class of channel; the other classes are called what they are. */
const placeNames: Readonly<Record<string, string>> = { web: 'UI', mail: 'email', sms: 'SMS', authenticator: 'TOTP' };

/** Reads a request. @throws {BurgeonError} REQUEST_NOT_FOUND */
export const loadRequest = async (store: Store, id: string): Promise<Loaded> => {
  const record = await store.get(approvalsTable, id);
  if (record) return loadedOf(record);
  throw new BurgeonError('REQUEST_NOT_FOUND', {
    message: `There is no approval request ${JSON.stringify(id.slice(0, 100))}.`,
    hint: 'Run burgeon approvals to see the open ones.',
  });
};

/** All requests, the oldest first. */
export const loadRequests = async (store: Store): Promise<Loaded[]> => {
  const found: Loaded[] = [];
  for (let after = ''; ; after = found.at(-1)?.id ?? '') {
    const records = await store.list(approvalsTable, { after });
    found.push(...records.map(loadedOf));
    if (records.length < 1_000) break;
  }
  return found.sort((a, b) => (a.value.createdAt < b.value.createdAt ? -1 : a.value.createdAt > b.value.createdAt ? 1 : 0));
};

/** The write that keeps a request if nobody changed it since it was read. */
export const requestWrite = ({ id, rev, value }: Loaded): StoreWrite => ({
  kind: 'put',
  table: approvalsTable,
  id,
  rev,
  value: value as unknown as JsonObject,
});

const loadedOf = ({ id, rev, value }: StoredRecord): Loaded => ({ id, rev, value: value as unknown as KeptRequest });
