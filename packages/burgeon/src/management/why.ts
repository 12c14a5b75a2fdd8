import { isObject } from '../base/json.ts';
import type { Actor } from '../base/actor.ts';
import type { JsonObject, JsonValue } from '@burgeon/kit';
import type { Registry } from '../registry/registry.ts';
import type { Audit, AuditEntry } from '../security/audit.ts';

/** One step on the way to a version, as the record tells it. */
export interface Step {
  /** Entry of the record. */
  sequence: number;
  at: string;
  /** `derived`, `generated`, `checked`, `tried`, `staged`, `opened`, `confirmed`, `approved`, `activated`, ... */
  step: string;
  actor?: Actor;
  data: JsonObject;
}

/** Why a version of a module exists, and what became of it. */
export interface Reason {
  module: { id: string; version: string; state: string; digest: string };
  /** The run that made it; absent for versions from before runs were kept. */
  run?: string;
  /** From the source to the activation, in order. */
  steps: Step[];
  /** What was done with the module since it was activated, its calls left out. */
  since: Step[];
  calls: { times: number; failed: number; first?: string; last?: string; denied: number };
}

/** Entries that are read; a record holds one for each decision and one for each two seconds of calls. */
const mostEntries = 1_000_000;

/**
 * Tells the story of a version from the record, by the id of its run.
 * @throws {BurgeonError} MODULE_NOT_FOUND, VERSION_NOT_FOUND, NAME_AMBIGUOUS
 */
export const explainModule = async (parts: { audit: Audit; registry: Registry }, reference: string): Promise<Reason> => {
  const { id, version, state, digest, run } = await parts.registry.show(reference);
  const entries = await parts.audit.list({ module: id, limit: mostEntries });
  const isOwn = ({ data }: AuditEntry): boolean => (run !== undefined && data?.['run'] === run) || data?.['digest'] === digest;
  const steps = entries.filter((entry) => /^(?:run|approval|module)\./.test(entry.kind) && !isCall(entry) && isOwn(entry));
  const activated = steps.find(({ kind }) => kind === 'module.activated')?.sequence ?? Infinity;
  const since = entries.filter((entry) => entry.sequence > activated && !isCall(entry) && !isOwn(entry));
  return {
    module: { id, version, state, digest },
    ...(run === undefined ? {} : { run }),
    steps: steps.map(stepOf),
    since: since.map(stepOf),
    calls: callsOf(entries.filter((entry) => isCall(entry) && entry.data?.['version'] === version)),
  };
};

const isCall = ({ kind }: AuditEntry): boolean => kind === 'module.called' || kind === 'module.denied';

const stepOf = ({ sequence, at, kind, actor, data = {} }: AuditEntry): Step => {
  const { run: _run, capabilitiesDigest: _capabilities, ...told } = data;
  return { sequence, at, step: kind.slice(kind.indexOf('.') + 1), ...(actor === undefined ? {} : { actor }), data: told };
};

const callsOf = (entries: readonly AuditEntry[]): Reason['calls'] => {
  const called = entries.filter(({ kind }) => kind === 'module.called');
  const [first, last] = [called[0]?.data?.['since'], called.at(-1)?.data?.['until']];
  return {
    times: sum(called.map(({ data }) => data?.['times'])),
    failed: sum(called.flatMap(({ data }) => (isObject(data?.['failed']) ? Object.values(data['failed'] as JsonObject) : []))),
    ...(typeof first === 'string' ? { first } : {}),
    ...(typeof last === 'string' ? { last } : {}),
    denied: sum(entries.filter(({ kind }) => kind === 'module.denied').map(({ data }) => data?.['times'])),
  };
};

const sum = (values: readonly (JsonValue | undefined)[]): number =>
  values.reduce<number>((total, value) => total + (typeof value === 'number' ? value : 0), 0);
