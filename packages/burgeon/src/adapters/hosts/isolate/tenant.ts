import { BurgeonError, type ErrorDetails, type JsonValue, type Limits } from '@burgeon/kit';
import type { CellPlan, Failure } from './messages.ts';
import type { RunnerPool, Trust } from './pool.ts';
import { type CellHost, type NewOrder, ReportedFailure, type RunnerProcess } from './runner-process.ts';

/** How long a cell may take to be dropped before its runner is killed. */
const dropMs = 200;

/** What a tenant is and may use. */
export interface TenantOptions {
  /** For texts: module id, or what else the code is called. */
  name: string;
  /** Unique among all tenants of the pool. */
  cell: string;
  trust: Trust;
  limits: Limits;
  plan: CellPlan;
  host: CellHost;
}

/** One cell as seen from the control plane: loads itself when needed, also after its runner died, and keeps every bound from outside. */
export class Tenant {
  private readonly pool: RunnerPool;
  private readonly options: TenantOptions;
  private loading: Promise<RunnerProcess> | undefined;
  /** The runner that holds the cell now. */
  private current: RunnerProcess | undefined;
  private closed = false;
  /** Calls in flight; without one the code may ask nothing of the host. */
  running = 0;

  constructor(pool: RunnerPool, options: TenantOptions) {
    this.pool = pool;
    this.options = options;
  }

  /** Loads the code when it is not loaded. @throws {BurgeonError} MODULE_FAILED, MODULE_CRASHED, LIMIT_EXCEEDED, DEPENDENCY_MISSING */
  async ready(): Promise<RunnerProcess> {
    if (this.closed) throw cancelled(this.options.name);
    if (this.current?.alive) return this.current;
    if (this.current) await this.leave(this.current);
    this.loading ??= this.load().catch((error: unknown) => {
      this.loading = undefined;
      throw error;
    });
    return this.loading;
  }

  /** Gives an order within the wall clock; the answer is JSON text. */
  async run(order: (cell: string) => NewOrder): Promise<string> {
    const runner = await this.ready();
    return this.bounded(runner, order(this.options.cell));
  }

  /** Unloads the code and gives the runner back. Calls still running end with CANCELLED. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const runner = await this.loading?.catch(() => undefined);
    if (!runner) return;
    if (this.running > 0 || !(await this.drop(runner))) runner.kill('a module was unloaded while it ran');
    await this.leave(runner);
  }

  private async load(): Promise<RunnerProcess> {
    const { cell, plan, host, limits, trust } = this.options;
    const runner = await this.pool.enter(trust);
    runner.admit(cell, host, limits.memoryBytes * 2);
    try {
      await this.bounded(runner, { op: 'load', cell, plan });
      this.current = runner;
      return runner;
    } catch (error) {
      runner.dismiss(cell, limits.memoryBytes * 2);
      await this.pool.leave(trust, runner);
      throw error;
    }
  }

  private async leave(runner: RunnerProcess): Promise<void> {
    this.loading = undefined;
    this.current = undefined;
    runner.dismiss(this.options.cell, this.options.limits.memoryBytes * 2);
    await this.pool.leave(this.options.trust, runner);
  }

  private async bounded(runner: RunnerProcess, order: NewOrder): Promise<string> {
    const { wallMs } = this.options.limits;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(this.exceeded('wallMs')), wallMs);
    this.running += 1;
    try {
      return await Promise.race([runner.order(order), late.promise]);
    } catch (error) {
      const told = this.explain(error);
      if (told.code === 'LIMIT_EXCEEDED' && !(error instanceof ReportedFailure && error.failure.kind === 'result'))
        await this.evict(runner);
      throw this.closed ? cancelled(this.options.name) : told;
    } finally {
      this.running -= 1;
      clearTimeout(timer);
    }
  }

  /** After a broken bound the cell is dropped; a runner that does not obey is killed. */
  private async evict(runner: RunnerProcess): Promise<void> {
    if (!(await this.drop(runner))) runner.kill('a module did not stop when it had to');
    if (this.current === runner) await this.leave(runner);
  }

  private async drop(runner: RunnerProcess): Promise<boolean> {
    if (!runner.alive) return true;
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(false), dropMs);
    const dropped = runner.order({ op: 'drop', cell: this.options.cell }).then(
      () => true,
      () => true,
    );
    return Promise.race([dropped, late.promise]).finally(() => clearTimeout(timer));
  }

  private explain(error: unknown): BurgeonError {
    if (!(error instanceof ReportedFailure)) return BurgeonError.from(error);
    const { failure } = error;
    switch (failure.kind) {
      case 'cpu':
        return this.exceeded('cpuMs');
      case 'memory':
        return this.exceeded('memoryBytes');
      case 'result':
        return this.exceeded('resultBytes');
      case 'missing':
        return new BurgeonError('OPERATION_NOT_FOUND', { message: failure.message });
      case 'gone':
        return new BurgeonError('MODULE_CRASHED', {
          message: `${this.options.name} was unloaded while it ran.`,
          retryable: true,
        });
      default:
        return new BurgeonError('MODULE_FAILED', this.detailsOf(failure));
    }
  }

  private detailsOf({ message, place, data }: Failure): ErrorDetails {
    const known = jsonOf(data);
    const facts = {
      module: this.options.name,
      ...(place === undefined ? {} : { place }),
      ...(known === undefined ? {} : { data: known }),
    };
    return { message: place === undefined ? message : `${message} (${place})`, data: facts };
  }

  /** The limit that was reached, named. */
  exceeded(limit: keyof Limits): BurgeonError {
    const value = this.options.limits[limit];
    return new BurgeonError('LIMIT_EXCEEDED', {
      message: `${this.options.name} reached its limit ${limit} = ${value}.`,
      hint: 'Ask for less in one call, or raise the limit in the manifest and have the new version approved.',
      data: { limit, value, module: this.options.name },
    });
  }
}

const cancelled = (name: string): BurgeonError => new BurgeonError('CANCELLED', { message: `${name} was unloaded.` });

const jsonOf = (text: string | undefined): JsonValue | undefined => {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as JsonValue);
  } catch {
    return undefined;
  }
};
