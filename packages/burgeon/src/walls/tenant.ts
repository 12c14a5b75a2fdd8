import { BurgeonError, type JsonValue, type Limits } from '@burgeon/kit';
import { limitExceeded } from '../base/limit-exceeded.ts';
import { deadlines } from './deadlines.ts';
import { orders } from './frames.ts';
import type { CellPlan, Failure } from './inside/cell.ts';
import type { Group, RunnerPool } from './pool.ts';
import { type CellOwner, type Runner, crashed } from './runner.ts';

/** Milliseconds that loading may take at least and at most, whatever the limits of a call are. */
const [shortLoadMs, longLoadMs] = [1_000, 5_000];

/** How long after its time a guest that does not stop by itself is killed with its process, milliseconds. */
const graceMs = 180;

/** How often an order is given again because a neighbour took the process down. */
const mostReplays = 5;

/** What a tenant is and may use. */
export interface TenantOptions {
  /** For texts: module id, or what else the code is called. */
  name: string;
  group: Group;
  limits: Limits;
  /** Those of the limits that the manifest names. */
  own?: Partial<Limits> | undefined;
  plan: CellPlan;
  /** Answers what the guest asks: JSON text. @throws {BurgeonError} which the guest sees as message, code and data */
  host(kind: string, method: string, args: string): Promise<string>;
  log(text: string): void;
  /** Told when the cell was lost by its own fault. */
  ended(reason: BurgeonError): void;
}

/** What is to be done, and whether it may be done twice: only when nothing can have come of it yet. */
export interface TenantOrder {
  kind: number;
  head: string;
  body: string;
  repeatable?: boolean;
}

interface Call extends TenantOrder {
  resolve(value: string): void;
  reject(error: unknown): void;
  deadline: number;
  asked: boolean;
  replays: number;
}

/** An order on its way, again perhaps: then with the deadline that it had, unless its time had not begun. */
type Placed = TenantOrder & { replays: number; until?: number };

/**
 * One cell as seen from the control plane: loads itself when needed, keeps every bound from outside, and when a neighbour takes their process
 * down moves to another with its last state, where what had not come to anything yet is done again.
 */
export class Tenant {
  private readonly pool: RunnerPool;
  private readonly options: TenantOptions;
  private readonly calls = new Map<number, Call>();
  private loading: Promise<Runner> | undefined;
  private runner: Runner | undefined;
  private cell = 0;
  private closed = false;
  private pending = 0;
  private lastState: { head: string; body: string } | undefined;
  private cpuMicroseconds = 0;
  /** The limit for which it is being killed. */
  private overrun: keyof Limits | undefined;
  /** What it was lost for by its own doing, the last time. */
  private ownFault: BurgeonError | undefined;
  readonly owner: CellOwner;
  /** Changes whenever the first order after a quiet time begins. */
  era = 0;

  constructor(pool: RunnerPool, options: TenantOptions) {
    this.pool = pool;
    this.options = options;
    this.owner = {
      hardMemoryBytes: options.limits.hardMemoryBytes,
      done: (id, value) => this.settle(id)?.resolve(value),
      failed: (id, failure) => this.failed(id, failure),
      asked: (question, text) => void this.answer(question, text),
      logged: (text) => options.log(text),
      spent: (microseconds) => void (this.cpuMicroseconds += microseconds),
      lost: (loss) => this.lost(loss),
    };
  }

  /** Orders in flight; without one the code may ask nothing of the host. */
  get running(): number {
    return this.calls.size;
  }

  /** True while the code is in a runner. */
  get loaded(): boolean {
    return this.runner?.alive === true && this.loading === undefined;
  }

  /** Processor time so far, and a share of its process's memory. */
  usage(): { cpuMs: number; memoryBytes: number } {
    const memory = this.runner?.alive ? this.runner.usage().memoryBytes / Math.max(1, this.runner.tenants) : 0;
    return { cpuMs: this.cpuMicroseconds / 1_000, memoryBytes: Math.round(memory) };
  }

  /** Loads the code when it is not loaded. @throws {BurgeonError} MODULE_FAILED, MODULE_CRASHED, LIMIT_EXCEEDED, DEPENDENCY_MISSING */
  async ready(): Promise<Runner> {
    if (this.closed) throw cancelled(this.options.name);
    // A runner that is there need not have the code yet.
    if (this.loading) return this.loading;
    if (this.runner?.alive) return this.runner;
    this.loading = this.load().finally(() => (this.loading = undefined));
    return this.loading;
  }

  /** Gives an order within the wall clock; the answer is JSON text. */
  async run(order: TenantOrder): Promise<string> {
    const runner = this.runner?.alive && !this.loading && !this.closed ? this.runner : await this.ready();
    const value = await this.place(runner, { ...order, replays: 0 }, this.options.limits.wallMs);
    if (order.kind === orders.snapshot) this.lastState = { head: '0', body: value };
    if (order.kind === orders.restore) this.lastState = { head: order.head, body: order.body };
    return value;
  }

  /** Unloads the code and gives the runner back. Calls still running end with CANCELLED. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.loading?.catch(() => undefined);
    const { runner } = this;
    for (const id of this.calls.keys()) this.settle(id)?.reject(cancelled(this.options.name));
    if (!runner) return;
    if (runner.busy === this.cell) runner.kill('a module was unloaded while it ran', this.cell);
    await this.leave(runner);
  }

  /** Judges what is over its time; called every few milliseconds while anything is in flight. */
  judge(now: number): void {
    const { runner, loading, options } = this;
    if (!runner) return;
    const busy = runner.busy === this.cell;
    const cpuMs = loading ? Math.max(options.limits.cpuMs, shortLoadMs) : options.limits.cpuMs;
    if (busy && now >= runner.turnBegan + cpuMs + graceMs) return this.stop('cpuMs');
    for (const [id, call] of this.calls) {
      if (now < call.deadline) continue;
      if (busy) {
        if (now >= call.deadline + graceMs) return this.stop('wallMs');
      } else if (runner.hasBegun(id)) {
        // It waits for something that does not come: the call is given up, the module goes on.
        this.settle(id)?.reject(this.exceeded('wallMs'));
      } else {
        // Its neighbour is at work: its own time has not begun.
        call.deadline = now + options.limits.wallMs;
      }
    }
  }

  /** The limit that was reached, named. */
  exceeded(limit: keyof Limits): BurgeonError {
    const { name, limits, own } = this.options;
    return limitExceeded({ name, limits, limit, own });
  }

  private get loadMs(): number {
    return Math.min(Math.max(this.options.limits.wallMs, shortLoadMs), longLoadMs);
  }

  private async load(): Promise<Runner> {
    for (let replays = 0; replays <= mostReplays; replays += 1) {
      const runner = await this.move();
      try {
        const body = JSON.stringify(this.options.plan);
        await runner.inTurn(() => this.place(runner, { kind: orders.load, head: '', body, replays }, this.loadMs));
        if (this.lastState && runner.alive)
          await this.place(runner, { kind: orders.restore, ...this.lastState, replays }, this.loadMs);
        if (runner.alive && this.runner === runner) return runner;
        if (runner.alive) throw crashed(this.options.name, 'it ended while it was started');
      } catch (error) {
        const { alive } = runner;
        if (this.runner === runner) await this.leave(runner);
        if (alive || error === this.ownFault) throw error;
      }
      // The process went down meanwhile, by the doing of somebody else.
    }
    throw crashed(this.options.name, 'its neighbours fall over');
  }

  private async move(): Promise<Runner> {
    const runner = await this.pool.enter(this.options.group);
    if (this.closed) {
      await this.pool.leave(runner);
      throw cancelled(this.options.name);
    }
    this.cell = runner.admit(this.owner);
    this.runner = runner;
    return runner;
  }

  private async leave(runner: Runner): Promise<void> {
    runner.dismiss(this.cell);
    if (this.runner === runner) this.runner = undefined;
    await this.pool.leave(runner);
  }

  private place(runner: Runner, order: Placed, wallMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(cancelled(this.options.name));
      if (!runner.alive || this.runner !== runner) return reject(crashed(this.options.name, 'it is gone'));
      const text = order.kind === orders.load || order.kind === orders.snapshot ? order.body : `${order.head}\n${order.body}`;
      const id = runner.order(order.kind, this.cell, text);
      const deadline = order.until ?? performance.now() + wallMs;
      this.calls.set(id, { ...order, resolve, reject, deadline, asked: false });
      if (this.calls.size > 1) return;
      this.era += 1;
      deadlines.add(this);
    });
  }

  private settle(id: number): Call | undefined {
    const call = this.calls.get(id);
    if (!call) return undefined;
    this.calls.delete(id);
    if (this.calls.size === 0) deadlines.delete(this);
    return call;
  }

  /** It did not stop when it had to: its process dies. */
  private stop(limit: keyof Limits): void {
    this.overrun = limit;
    this.runner?.kill('a module did not stop when it had to', this.cell);
  }

  private failed(id: number, failure: Failure): void {
    const call = id === 0 ? undefined : this.settle(id);
    const error = this.explain(failure, call?.head);
    call?.reject(error);
    const fatal = id === 0 || failure.kind === 'cpu' || failure.kind === 'memory' || failure.kind === 'gone';
    if (fatal) this.end(error);
  }

  /** The cell is gone by its own fault: what was in flight fails, the next order loads it anew. */
  private end(reason: BurgeonError): void {
    const { runner } = this;
    for (const id of this.calls.keys()) this.settle(id)?.reject(reason);
    this.options.ended(reason);
    if (runner) void this.leave(runner);
  }

  private lost({ guilty, why, outOfMemory }: { guilty: boolean; why: string; outOfMemory: boolean }): void {
    const { runner, options } = this;
    const limit = outOfMemory ? 'hardMemoryBytes' : this.overrun;
    const calls = [...this.calls.values()];
    this.calls.clear();
    deadlines.delete(this);
    this.overrun = undefined;
    this.runner = undefined;
    if (runner) void this.pool.leave(runner);
    if (this.closed) return calls.forEach(({ reject }) => reject(cancelled(options.name)));
    // Whose turn it was when memory ran out need not be who took it: only the second time in a row it is.
    const proven = guilty && !(outOfMemory && calls.every((call) => isHarmless(call) && call.replays === 0));
    if (proven) {
      const reason = limit ? this.exceeded(limit) : crashed(options.name, why);
      this.ownFault = reason;
      for (const { reject } of calls) reject(reason);
      return options.ended(reason);
    }
    for (const call of calls) {
      // Whoever was loading sees that the runner is gone, and goes on elsewhere.
      if (this.loading && (call.kind === orders.load || call.kind === orders.restore)) call.resolve('null');
      else if (isHarmless(call) && call.replays < mostReplays) this.repeat(call, guilty, why);
      else call.reject(crashed(options.name, why));
    }
    // Where processes die each time this one is in them, it is no accident.
    if (calls.some(({ replays }) => replays >= mostReplays)) options.ended(crashed(options.name, why));
  }

  /** `suspected`: it may well be the cause, so its time goes on. */
  private repeat(call: Call, suspected: boolean, why: string): void {
    const { kind, head, body, repeatable = false, deadline } = call;
    const order: Placed = { kind, head, body, repeatable, replays: call.replays + 1, ...(suspected ? { until: deadline } : {}) };
    const again = async (): Promise<string> => this.place(await this.ready(), order, this.options.limits.wallMs);
    again().then(call.resolve, (error: unknown) => call.reject(BurgeonError.is(error) ? error : crashed(this.options.name, why)));
  }

  private async answer(question: number, text: string): Promise<void> {
    const { runner, cell } = this;
    const [kind = '', method = '', ...rest] = text.split('\n');
    const reply = (ok: boolean, json: string): void => {
      if (this.runner === runner && this.cell === cell) runner?.answer(cell, question, { ok, json });
    };
    // A sleep has no effect that would have to be feared twice.
    if (kind !== '') for (const call of this.calls.values()) call.asked = true;
    try {
      if (this.pending >= this.options.limits.pendingCalls) throw this.exceeded('pendingCalls');
      this.pending += 1;
      try {
        reply(true, await this.options.host(kind, method, rest.join('\n')));
      } finally {
        this.pending -= 1;
      }
    } catch (error) {
      const { code, message, data } = BurgeonError.from(error).toJSON();
      reply(false, JSON.stringify({ code, message, ...(data === undefined ? {} : { data }) }));
    }
  }

  private explain(failure: Failure, operation = ''): BurgeonError {
    const { name, limits } = this.options;
    switch (failure.kind) {
      case 'cpu':
        return this.exceeded(limits.wallMs < limits.cpuMs ? 'wallMs' : 'cpuMs');
      case 'memory':
        return this.exceeded('memoryBytes');
      case 'result':
        return this.exceeded('resultBytes');
      case 'missing':
        return new BurgeonError('OPERATION_NOT_FOUND', { message: `${name} has no operation "${operation}".` });
      case 'gone':
        return crashed(name, failure.message);
      default:
        return new BurgeonError('MODULE_FAILED', detailsOf(name, failure));
    }
  }
}

/** Nothing can have come of it yet, or it may be done twice. */
const isHarmless = ({ repeatable, asked }: Call): boolean => repeatable === true || !asked;

const cancelled = (name: string): BurgeonError => new BurgeonError('CANCELLED', { message: `${name} was unloaded.` });

const detailsOf = (name: string, { message, place, data }: Failure): { message: string; data: Record<string, JsonValue> } => {
  const known = jsonOf(data);
  return {
    message: place === undefined ? message : `${message} (${place})`,
    data: { module: name, ...(place === undefined ? {} : { place }), ...(known === undefined ? {} : { data: known }) },
  };
};

const jsonOf = (text: string | undefined): JsonValue | undefined => {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as JsonValue);
  } catch {
    return undefined;
  }
};
