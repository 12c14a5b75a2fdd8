import type { ApprovalRequest } from '../approval/request.ts';
import { inspect, type Inspected } from '../registry/inspect.ts';
import type { VersionRecord } from '../registry/records.ts';
import { createLanes } from '../security/serial.ts';
import { add, type AddResult } from './add.ts';
import type { CheckVerdict } from './check.ts';
import { eraseSecrets, withConnection } from './connection.ts';
import type { PipelineContext, StageListener } from './context.ts';
import { derive, type Derived, type DeriveRequest } from './derive.ts';
import { release, withdraw } from './release.ts';
import type { Trial } from './trial-result.ts';

/** A module as the life-cycle operations name it. */
export interface ModuleState {
  id: string;
  version: string;
  state: string;
}

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
  reject(request: string, why: string): Promise<Answered>;
  rollback(id: string, version?: string): Promise<ModuleState>;
  archive(id: string): Promise<ModuleState>;
  restore(id: string): Promise<ModuleState>;
  remove(id: string): Promise<ModuleState>;
  /** Runs the checks over a stored version. */
  recheck(id: string, version?: string): Promise<{ ok: boolean; checks: CheckVerdict[] }>;
  /** Tries a stored version again. `coverage` is the share of operations that were tried. */
  retry(id: string, version?: string): Promise<Trial & { coverage: number }>;
}

/** Makes the pipeline. `changed` is called after every change to what is active. */
export const createPipeline = (context: PipelineContext, changed: (id: string) => Promise<void>): Pipeline => {
  const lanes = createLanes();
  const after = async (record: VersionRecord): Promise<ModuleState> => {
    await changed(record.id);
    return stateOf(record);
  };
  const stored = (id: string, version: string | undefined): Promise<Inspected> =>
    inspect(context.registry, version === undefined ? id : `${id}@${version}`);

  return {
    describe: (request) => derive(context, request),
    add: async (request, listen) => {
      const result = await add(context, request, listen ?? (() => {}), lanes);
      await changed(result.module.id);
      return result;
    },
    approve: async (id, answer) => {
      const known = await context.gateway.get(id);
      // Approved, but the process ended before the release: the answer stands, the release follows.
      const request = known.state === 'approved' ? known : await context.gateway.answer(id, answer);
      if (request.state !== 'approved') return { request };
      const version = await context.registry.show({ id: request.module, version: request.version });
      return { request, module: version.state === 'pending' ? await after(await release(context, request)) : stateOf(version) };
    },
    reject: async (id, why) => {
      const request = await context.gateway.reject(id, why);
      return { request, module: await after(await withdraw(context, request)) };
    },
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
      await changed(id);
      return { ...stateOf(record), state: 'removed' };
    },
    recheck: async (id, version) => {
      const { checks } = await context.workbench.judge((await stored(id, version)).candidate, ['check']);
      return { ok: checks.every((verdict) => verdict.ok), checks };
    },
    retry: async (id, version) => {
      const { candidate } = await stored(id, version);
      const { trial: result } = await context.workbench.judge(candidate, ['try']);
      const tried = result.passed + result.failed;
      return { ...result, coverage: tried / Math.max(1, tried + result.skipped) };
    },
  };
};

const stateOf = ({ id, version, state }: VersionRecord): ModuleState => ({ id, version, state });
