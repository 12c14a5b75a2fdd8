/** The engine of the wasm host. It runs inside the jail: one WebAssembly instance for each module. */
import { orders } from '../../../walls/frames.ts';
import { type Cell, CellFailure, type CellPlan, type Doors, type Engine, type Rest } from '../../../walls/inside/cell.ts';
import { openGuest } from './abi.ts';
import { openPlugIn } from './extism.ts';
import { failureOf, toldBy } from './failure.ts';
import { type Guest, type Outcome, type WasmProgram, type World, wasm } from './library.ts';

/** An order that is to be carried out. */
interface Job {
  order: number;
  id: number;
  head: string;
  body: string;
}

/** A job whose code is at work, or waits for the host. */
interface Running {
  job: Job;
  began: number;
  usedMs: number;
  /** Its question, and how it goes on. */
  pending?: { question: number; resolve(answer: Answer): void };
  /** The answer, until it can go on. */
  answer?: Answer;
}

interface Answer {
  ok: boolean;
  json: string;
}

/** The frame at hand: settled once the guest has come to rest. */
interface Pause {
  resolve(): void;
  reject(error: unknown): void;
}

/** How long after its time nobody waits for a call any more, for certain, milliseconds. */
const lateMs = 250;

/** Jobs on top of one another. */
const mostNested = 16;

/** A memory this full is what ended the guest, whatever it says. */
const fullShare = 15 / 16;

/**
 * One module. Its code is written as if nothing ever waited. What it keeps on a stack of its own in its memory stays whole only if jobs end in
 * the opposite order of their beginning: while one waits for the host, the next stands in line, or, where the module says that it can be
 * entered again, runs on top of it. An error that unwound the code leaves it in no state to go on: it starts afresh.
 */
class WasmCell implements Cell {
  private readonly plan: CellPlan;
  private readonly program: WasmProgram;
  private readonly doors: Doors;
  private readonly module: object;
  private readonly line: Job[] = [];
  /** The last is the one that may be at work. */
  private readonly stack: Running[] = [];
  private guest: Guest | undefined;
  private pause: Pause | undefined;
  private questions = 0;
  private stretchBegan = 0;

  constructor(plan: CellPlan, doors: Doors) {
    this.plan = plan;
    this.doors = doors;
    this.program = plan.program as WasmProgram;
    this.module = compile(this.program);
    // It may be large, and is not needed any more.
    this.program.code = '';
  }

  run(order: number, id: number, head: string, body: string): Rest {
    this.line.push({ order, id, head, body });
    if (!this.isFree() && !this.stack.every(isLateFor(this.program.wallMs))) return undefined;
    return this.untilRest(() => {
      if (!this.isFree()) this.abandon();
      this.next();
    });
  }

  answer(question: number, ok: boolean, value: string): Rest {
    const asked = this.stack.find(({ pending }) => pending?.question === question);
    if (!asked) return undefined;
    asked.answer = { ok, json: value };
    return asked === this.stack.at(-1) ? this.untilRest(() => this.next()) : undefined;
  }

  close(): void {
    this.drop();
    this.line.length = 0;
    collect();
  }

  private untilRest(work: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.pause = { resolve, reject };
      work();
    });
  }

  /** True when a job could begin now. */
  private isFree(): boolean {
    return this.stack.length === 0 || (this.program.reentrant && this.stack.length < mostNested);
  }

  /** Goes on with what was answered, begins what stands in line, or has come to rest. */
  private next(): void {
    const top = this.stack.at(-1);
    const { pending, answer } = top ?? {};
    this.stretchBegan = performance.now();
    if (top && pending && answer) {
      delete top.pending;
      delete top.answer;
      return pending.resolve(answer);
    }
    const job = this.isFree() ? this.line.shift() : undefined;
    if (job) void this.carryOut(job).catch((error: unknown) => this.pause?.reject(error));
    else this.pause?.resolve();
  }

  private async carryOut(job: Job): Promise<void> {
    this.stack.push({ job, began: performance.now(), usedMs: 0 });
    const { order, head, body } = job;
    try {
      this.guest ??= await this.open();
      const outcome = await (order === orders.load ? loaded : this.guest.run(order, head, body));
      this.stack.pop();
      this.report(job, outcome);
    } catch (error) {
      this.stack.pop();
      this.fail(job, error);
    }
    this.next();
  }

  private report({ order, id }: Job, outcome: Outcome): void {
    if (outcome.kind === 'done') this.doors.done(id, outcome.json);
    else if (outcome.kind === 'failed') this.doors.failed(id, toldBy(outcome.json));
    else if (outcome.kind === 'large') this.doors.failed(id, { kind: 'result', message: 'The result is too large.' });
    else if (order === orders.call) this.doors.failed(id, { kind: 'missing', message: 'The module has no such operation.' });
    else this.doors.done(id, 'null');
  }

  private open(): Guest | Promise<Guest> {
    collect();
    const world: World = {
      ask: (kind, method, json) => this.ask(kind, method, json),
      log: (text) => this.doors.log(text),
      chance: chanceFrom(this.plan.seed),
    };
    return this.program.extism ? openPlugIn(this.module, this.program, world) : openGuest(this.module, this.program, world);
  }

  /** A guest that fell over is not used again, nor is what waits in it. Where it kept a state, the module as a whole has ended. */
  private fail({ order, id }: Job, error: unknown): void {
    const held = this.guest?.memoryBytes() ?? 0;
    const buried = this.drop();
    const { kind, message: said, ...more } = failureOf(error, this.program.entry);
    const message =
      held * 2 < this.program.memoryBytes ? said : `${said} (its memory: ${held} of ${this.program.memoryBytes} bytes)`;
    if (held >= this.program.memoryBytes * fullShare) throw new CellFailure('memory', message);
    if (order === orders.load) throw new CellFailure('code', message, more);
    this.doors.failed(id, { kind, message, ...more });
    for (const { job } of buried)
      this.doors.failed(job.id, { kind: 'thrown', message: `It fell over in another call: ${message}` });
    this.requireStateless(message);
  }

  private requireStateless(why: string): void {
    if (this.plan.stateVersion !== undefined) throw new CellFailure('gone', `its state was lost by "${why.slice(0, 300)}"`);
  }

  private ask(kind: string, method: string, json: string): Promise<Answer> {
    const asking = this.stack.at(-1);
    if (!asking) return nothing();
    asking.usedMs += performance.now() - this.stretchBegan;
    this.stretchBegan = performance.now();
    if (asking.usedMs > this.plan.cpuMs) {
      this.pause?.reject(new CellFailure('cpu', 'The module used all its processor time.'));
      return nothing();
    }
    if (isLateFor(this.program.wallMs)(asking)) return this.leave();
    const fault = faultOf(json);
    if (fault !== undefined) return Promise.resolve({ ok: false, json: fault });
    return new Promise((resolve) => {
      const question = ++this.questions;
      asking.pending = { question, resolve };
      this.doors.host(question, kind, method, json);
      // The code stands still only once it has this promise.
      queueMicrotask(() => this.next());
    });
  }

  /** Nobody waits for the job at work any more, and it wants to go on: its code is left where it stands. */
  private leave(): Promise<never> {
    queueMicrotask(() => {
      try {
        if (!this.isFree()) this.abandon();
        this.next();
      } catch (error) {
        this.pause?.reject(error);
      }
    });
    return nothing();
  }

  /** Nobody waits for anything that is in the guest. */
  private abandon(): void {
    this.drop();
    this.requireStateless('a call that did not end in time');
  }

  /** Forgets the guest; gives what was in it. */
  private drop(): Running[] {
    wastedBytes += this.guest?.memoryBytes() ?? 0;
    this.guest = undefined;
    return this.stack.splice(0);
  }
}

/** The code that awaits this is never heard of again. */
const nothing = (): Promise<never> => new Promise(() => {});

const isLateFor =
  (wallMs: number) =>
  ({ began }: Running): boolean =>
    performance.now() - began > wallMs + lateMs;

/** Bytes of memories that nothing refers to any more. The collector does not hurry for them, and the kernel counts them. */
let wastedBytes = 0;

const muchWaste = 16 * 1024 * 1024;

const collect = (): void => {
  if (wastedBytes < muchWaste) return;
  wastedBytes = 0;
  (globalThis as { gc?: () => void }).gc?.();
};

const loaded: Outcome = { kind: 'done', json: 'null' };

const compile = ({ code }: WasmProgram): object => {
  try {
    return new wasm.Module(Buffer.from(code, 'base64'));
  } catch (error) {
    throw new CellFailure('code', error instanceof Error ? error.message : 'It cannot be compiled.');
  }
};

/** What is wrong with arguments, as the guest is told. */
const faultOf = (json: string): string | undefined => {
  try {
    if (Array.isArray(JSON.parse(json))) return undefined;
  } catch {
    // Told below.
  }
  return JSON.stringify({ code: 'INPUT_INVALID', message: 'The arguments are not a list in JSON.' });
};

/** Chance, which repeats from a seed (mulberry32). */
const chanceFrom = (seed: number | undefined): (() => number) => {
  if (seed === undefined) return () => Math.random();
  let at = seed >>> 0;
  return () => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** The engine. It takes no options. */
export const engine: Engine = () => (plan, doors, id) => {
  const cell = new WasmCell(plan, doors);
  return { cell, rest: cell.run(orders.load, id, '', '') };
};
