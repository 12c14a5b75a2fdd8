import { readFile } from 'node:fs/promises';
import { BurgeonError, type Clock } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';
import { writeDurably } from '../base/durable-file.ts';
import type { Home } from '../base/home.ts';
import { digestOf } from '../base/json.ts';
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
  /** ISO 8601 UTC. */
  createdAt: string;
}

const policyType = 'https://burgeon.dev/attestations/policy/v1';

const pathOf = (home: Home): string => home.path('policy.json');

/** Signs a policy and keeps it in `policy.json` of the home. */
export const writePolicy = async (
  home: Home,
  key: OwnerKey,
  { mode, unchanged, clock }: { mode: PolicyMode; unchanged?: PolicyMode; clock: Clock },
): Promise<Policy> => {
  const policy: Policy = { mode, ...(unchanged === undefined ? {} : { unchanged }), createdAt: isoNow(clock) };
  const envelope = signStatement(key, {
    _type: statementType,
    subject: [{ name: 'policy', digest: { sha256: digestOf(policy) } }],
    predicateType: policyType,
    predicate: { ...policy },
  });
  await writeDurably(pathOf(home), `${JSON.stringify(envelope, null, 2)}\n`);
  return policy;
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

/**
 * How many different channels must confirm: 0, 1 or 2. `unattended` counts only when every check passed, otherwise two are asked.
 */
export const channelsNeeded = (
  policy: Pick<Policy, 'mode' | 'unchanged'>,
  facts: { capabilitiesChanged: boolean; checksOk: boolean },
): 0 | 1 | 2 => {
  const mode = !facts.capabilitiesChanged && facts.checksOk ? (policy.unchanged ?? policy.mode) : policy.mode;
  if (mode === 'unattended') return facts.checksOk ? 0 : 2;
  return mode === 'one-channel' ? 1 : 2;
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
  const { mode, unchanged, createdAt } = predicate;
  const known = isMode(mode) && (unchanged === undefined || isMode(unchanged)) && typeof createdAt === 'string';
  if (predicateType !== policyType || !known)
    throw signatureInvalid('statement', 'The policy file holds another kind of statement.');
  return { mode, ...(unchanged === undefined ? {} : { unchanged }), createdAt };
};
