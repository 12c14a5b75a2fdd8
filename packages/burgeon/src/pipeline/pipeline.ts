import { type ApprovalRequest, isOpen } from '../approval/request.ts';
import { inspect, type Inspected } from '../registry/inspect.ts';
import type { VersionRecord } from '../registry/records.ts';
import { createLanes } from '../security/serial.ts';
import type { AddResult } from './add.ts';
import type { CheckVerdict } from './check.ts';
import { eraseSecrets, withConnection } from './connection.ts';
import type { PipelineContext, StageListener } from './context.ts';
import type { Derived, DeriveRequest } from './derive.ts';
import { release, withdraw } from './release.ts';
import { review, settle, sweep } from './upkeep.ts';
import type { TestReport } from './test.ts';

/** A module as the life-cycle operations name it. */
export interface ModuleState {
  id: string;
  version: string;
  state: string;
}

/** What the checks say of one active module now. */
export interface Rechecked {
  id: string;
  version: string;
  ok: boolean;
  checks: CheckVerdict[];
}

/** Wall clock of all tests of one module, milliseconds. */
const testsDeadlineMs = 300_000;

/** What an answered approval request led to. */
export interface Answered {
  request: ApprovalRequest;
  module?: ModuleState;
}

/** The way from a source to a live module, and what can be done to one afterwards. Every change is one transaction. */
export interface Pipeline {
  describe(request: DeriveRequest): Promise<Derived>;
  /** @throws {BurgeonError} SOURCE_*, SPEC_TOO_COMPLEX, CHECKS_FAILED, TRIAL_FAILED */
  add(request: DeriveRequest, listen?: StageListener): Promise<AddResult>;
  /** @throws {BurgeonError} REQUEST_NOT_FOUND, APPROVAL_CODE_INVALID, APPROVAL_CLOSED */
  approve(request: string, answer: { code?: string; channel?: string }): Promise<Answered>;
  /** `answer`: of whoever refuses over a channel. */
  reject(request: string, why: string, answer?: { code: string; channel: string }): Promise<Answered>;
  /** Closes requests that nobody answered in time, and what they asked for; archives what nobody called for 30 days. */
  sweep(): Promise<void>;
  /** Ends what no longer counts, since a key was revoked; gives the ids of the modules. */
  review(): Promise<string[]>;
  rollback(id: string, version?: string): Promise<ModuleState>;
  archive(id: string): Promise<ModuleState>;
  restore(id: string): Promise<ModuleState>;
  remove(id: string): Promise<ModuleState>;
  /** Runs the checks over a stored version. */
  recheck(id: string, version?: string): Promise<{ ok: boolean; checks: CheckVerdict[] }>;
  /** Runs the checks over the active version of every module. */
  recheckAll(): Promise<Rechecked[]>;
  /** Tries a stored version again, and runs its own tests. */
  retry(id: string, version?: string): Promise<TestReport>;
}

/** Makes the pipeline. `changed` is called after every change to what is active. The stages are loaded when something goes through them. */
export const createPipeline = (context: PipelineContext, changed: (id: string) => Promise<void>): Pipeline => {
  const lanes = createLanes();
  const after = async (record: VersionRecord): Promise<ModuleState> => {
    await changed(record.id);
    return stateOf(record);
  };
  const stored = (id: string, version: string | undefined): Promise<Inspected> =>
    inspect(context.registry, version === undefined ? id : `${id}@${version}`);

  return {
    describe: async (request) => (await import('./derive.ts')).derive(context, request),
    add: async (request, listen) => {
      const { add } = await import('./add.ts');
      const result = await add(context, request, listen ?? (() => {}), lanes);
      await changed(result.module.id);
      return result;
    },
    approve: async (id, answer) => {
      try {
        return await approve(context, id, answer, after);
      } catch (error) {
        // The answer may have closed the request: by the last wrong code, too late, or about what stands there no longer.
        const closed = await context.gateway.get(id).catch(() => undefined);
        // What cannot be written now, the next sweep writes.
        if (closed) await settle(context, closed, changed).catch(() => {});
        throw error;
      }
    },
    reject: async (id, why, answer) => {
      const request = await context.gateway.reject(id, why, answer);
      return { request, module: await after(await withdraw(context, request)) };
    },
    sweep: () => sweep(context, changed),
    review: () => review(context, changed),
    rollback: async (id, version) => after(await withConnection(context, id, () => context.registry.rollback(id, version))),
    archive: async (id) => {
      const record = (await context.registry.archive(id)) ?? (await context.registry.show(id));
      await changed(id);
      return { ...stateOf(record), state: 'archived' };
    },
    restore: async (id) => after((await context.registry.restore(id)) ?? (await context.registry.show(id))),
    remove: async (id) => {
      const record = await context.registry.show(id);
      await context.registry.remove(id);
      await eraseSecrets(context, id);
      await forget(context, id);
      await changed(id);
      return { ...stateOf(record), state: 'removed' };
    },
    recheck: async (id, version) => {
      const { checks } = await context.workbench.judge((await stored(id, version)).candidate, ['check']);
      return { ok: checks.every((verdict) => verdict.ok), checks };
    },
    recheckAll: () => recheckAll(context),
    retry: async (id, version) => {
      const { candidate } = await stored(id, version);
      const { testReport } = await import('./test.ts');
      const { trial: tried } = await context.workbench.judge(candidate, ['try']);
      return testReport(candidate, tried, { signal: AbortSignal.timeout(testsDeadlineMs) });
    },
  };
};

const approve = async (
  { gateway, registry, vault }: PipelineContext,
  id: string,
  answer: { code?: string; channel?: string },
  after: (record: VersionRecord) => Promise<ModuleState>,
): Promise<Answered> => {
  const known = await gateway.get(id);
  const shown = (): Promise<VersionRecord> => registry.show({ id: known.module, version: known.version });
  // Approved, but the process ended before the release: the answer stands, the release follows.
  const stands = known.state === 'approved' && (await shown()).state === 'pending';
  const request = stands ? known : await gateway.answer(id, answer);
  if (request.state !== 'approved') return { request };
  const version = await shown();
  if (version.state !== 'pending') return { request, module: stateOf(version) };
  return { request, module: await after(await release({ registry, vault }, await gateway.redeem(id))) };
};

/** Nobody is asked any longer about what is gone. */
const forget = async ({ gateway }: PipelineContext, module: string): Promise<void> => {
  const open = (await gateway.list()).filter((request) => request.module === module && isOpen(request));
  for (const { id } of open) await gateway.reject(id, 'the module was removed');
};

/** The checks over every module that is called. */
const recheckAll = async ({ registry, workbench }: PipelineContext): Promise<Rechecked[]> => {
  const all: Rechecked[] = [];
  for (const record of (await registry.list()).filter(({ state }) => state === 'active')) {
    const { checks } = await workbench.judge((await inspect(registry, record)).candidate, ['check']);
    all.push({ id: record.id, version: record.version, ok: checks.every((verdict) => verdict.ok), checks });
  }
  return all;
};

const stateOf = ({ id, version, state }: VersionRecord): ModuleState => ({ id, version, state });
