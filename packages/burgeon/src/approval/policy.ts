import { readFile } from 'node:fs/promises';
import { BurgeonError, type Clock, type JsonObject } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';
import { writeDurably } from '../base/durable-file.ts';
import type { Home } from '../base/home.ts';
import { digestOf, isObject } from '../base/json.ts';
import type { OwnerKey, TrustedKey } from '../security/keys.ts';
import { type Statement, signStatement, signatureInvalid, statementType, verifyEnvelope } from '../security/sign.ts';

/** How many channels an approval needs. `unattended` approves by itself what passes every check, and records that it did. */
export const policyModes = ['two-channels', 'one-channel', 'unattended'] as const;

/** One of {@link policyModes}. */
export type PolicyMode = (typeof policyModes)[number];

/** What the owner decided about approvals, signed by the owner's key; nothing that was generated can write it. */
export interface Policy {
  mode: PolicyMode;
  /** What holds instead for a new version with the capabilities of the one before and every check passed. Absent = `mode`. */
  unchanged?: PolicyMode;
  /** Names or classes of channels: one of them must confirm what gains a grave power, beside another channel. Absent = no such rule. */
  grave?: readonly string[];
  /** What is set for each approval channel, by its name. */
  channels?: Readonly<Record<string, JsonObject>>;
  /** Absolute path of the file to which checkpoints of the audit are appended. */
  checkpoints?: string;
  /** Absolute path of the bare git repository that mirrors the sources of every released version. */
  git?: string;
  /** ISO 8601 UTC. */
  createdAt: string;
}

const policyType = 'https://burgeon.dev/attestations/policy/v1';

const pathOf = (home: Home): string => home.path('policy.json');

/** Signs a policy and keeps it in `policy.json` of the home. */
export const writePolicy = async (
  home: Home,
  key: OwnerKey,
  { clock, ...decided }: Omit<Policy, 'createdAt'> & { clock: Clock },
): Promise<Policy> => {
  const policy: Policy = { ...decided, createdAt: isoNow(clock) };
  const envelope = signStatement(key, {
    _type: statementType,
    subject: [{ name: 'policy', digest: { sha256: digestOf(policy) } }],
    predicateType: policyType,
    predicate: { ...policy } as unknown as JsonObject,
  });
  await writeDurably(pathOf(home), `${JSON.stringify(envelope, null, 2)}\n`);
  return policy;
};

/** Signs the policy with another key: it says what it said. Nothing happens where there is none. @throws {BurgeonError} SIGNATURE_INVALID */
export const resignPolicy = async (home: Home, key: OwnerKey, from: readonly TrustedKey[]): Promise<void> => {
  const text = await readFile(pathOf(home), 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const statement = verifyEnvelope(parse(text), [key, ...from]);
  await writeDurably(pathOf(home), `${JSON.stringify(signStatement(key, statement), null, 2)}\n`);
};

/**
 * The owner's policy.
 * @throws {BurgeonError} RECORD_NOT_FOUND before `init`; SIGNATURE_INVALID when it is not what the owner signed
 */
export const readPolicy = async (home: Home, trusted: readonly TrustedKey[]): Promise<Policy> => {
  const text = await readFile(pathOf(home), 'utf8').catch((error: unknown) => {
    throw new BurgeonError('RECORD_NOT_FOUND', {
      message: `${home.dir} has no approval policy.`,
      hint: 'Run burgeon init.',
      cause: error,
    });
  });
  try {
    return policyOf(verifyEnvelope(parse(text), trusted));
  } catch (error) {
    throw damaged(home, BurgeonError.from(error));
  }
};

const damaged = (home: Home, { code, message, data }: BurgeonError): BurgeonError =>
  new BurgeonError(code, {
    message: `The approval policy ${pathOf(home)} is not what the owner signed. ${message}`,
    hint: 'Put a copy of policy.json and keys back; or remove policy.json: two channels are asked until burgeon init signs a new one.',
    ...(data === undefined ? {} : { data }),
  });

/** What must happen before a version is activated. */
export interface Demand {
  /** How many different channels must confirm. */
  channels: 0 | 1 | 2;
  /** Names or classes, one of which must be among them. */
  among?: readonly string[];
}

/** What of a version decides how many are asked. */
export interface DemandFacts {
  /** False only when the active version has the same capabilities. */
  capabilitiesChanged: boolean;
  /** True when every check passed and somebody known here vouches for it. */
  sound: boolean;
  /** True when it gains a power to delete, to change what others rely on, or to use a credential. */
  grave: boolean;
}

/** What is asked for: `unattended` counts only for what is sound, otherwise two channels are asked. */
export const demandOf = (policy: Pick<Policy, 'mode' | 'unchanged' | 'grave'>, facts: DemandFacts): Demand => {
  if (facts.grave && policy.grave !== undefined) return { channels: 2, among: policy.grave };
  const mode = !facts.capabilitiesChanged && facts.sound ? (policy.unchanged ?? policy.mode) : policy.mode;
  if (mode === 'unattended') return { channels: facts.sound ? 0 : 2 };
  return { channels: mode === 'one-channel' ? 1 : 2 };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const isMode = (value: unknown): value is PolicyMode => policyModes.includes(value as PolicyMode);

const policyOf = ({ predicateType, predicate }: Statement): Policy => {
  const { mode, unchanged, grave, channels, checkpoints, git, createdAt } = predicate;
  const known =
    isMode(mode) &&
    (unchanged === undefined || isMode(unchanged)) &&
    (grave === undefined || (Array.isArray(grave) && grave.every((name) => typeof name === 'string'))) &&
    (channels === undefined || (isObject(channels) && Object.values(channels).every(isObject))) &&
    (checkpoints === undefined || typeof checkpoints === 'string') &&
    (git === undefined || typeof git === 'string') &&
    typeof createdAt === 'string';
  if (predicateType !== policyType || !known)
    throw signatureInvalid('statement', 'The policy file holds another kind of statement.');
  return predicate as unknown as Policy;
};
