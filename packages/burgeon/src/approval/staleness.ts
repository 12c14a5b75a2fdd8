import { type Policy, demandOf } from './policy.ts';
import type { KeptRequest } from './request.ts';

/** What would be activated now. */
export interface Standing {
  digest: string;
  capabilitiesDigest: string;
  /** The run of the pipeline that made it. */
  run?: string;
  /** Digest of the version whose place it would take; absent when none is active. */
  over?: string;
}

/** Why an answer would be to something else than what was asked; undefined when it would not. */
export const staleness = async (
  { current }: { current?(module: string, version: string): Promise<Standing | undefined> },
  { module, version, digest, capabilitiesDigest, run, over, facts }: KeptRequest,
): Promise<string | undefined> => {
  if (current === undefined) return undefined;
  const now = await current(module, version);
  if (now?.digest !== digest || now.capabilitiesDigest !== capabilitiesDigest || now.run !== run)
    return 'the module is no longer the one that was asked about';
  // What is new in it, and so how many are asked, was said of the version that was active then.
  return facts !== undefined && now.over !== over ? 'another version is active than the one it was compared with' : undefined;
};

/** Why what was asked for is not enough by the policy of now; undefined when it is. A policy that asks for less changes nothing. */
export const tightened = (
  policy: Pick<Policy, 'mode' | 'unchanged' | 'grave'>,
  { facts, needed, among }: KeptRequest,
): string | undefined => {
  if (facts === undefined) return undefined;
  const demand = demandOf(policy, facts);
  const isCovered = demand.among === undefined || among?.every((name) => demand.among?.includes(name)) === true;
  return demand.channels > needed || !isCovered ? 'the policy asks for more than it did then' : undefined;
};
