import type { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Limits } from '@burgeon/kit';
import { Meter } from '../../../walls/inside/meter.ts';
import type { JailEnd, JailedChild } from '../../../walls/jail/jail.ts';
import { type CellOwner, Runner } from '../../../walls/runner.ts';
import { ProcessorWatch } from './processor-watch.ts';

/** How often the processor time of a program is looked at, milliseconds; while it does nothing, every fourth time. A look costs 0.2 ms. */
const lookMs = 250;
const idleLooks = 4;

/** Questions beyond the limit are refused; from this many times the limit on, the program is ended. */
const floodFactor = 10;

/** Bytes that a program may say within a second while it has no order. */
const idleBytes = 256 * 1024;

const secondMs = 1_000;

const formBroken = 'it broke the form of messages';

/**
 * The runner of a program that speaks the frames itself. Elsewhere trusted code stands between a module and the pipe; here nothing that comes
 * from the child is believed: questions are counted on this side, its processor time is taken from the kernel, an answer to an order that is not
 * open ends it, and so does work without an order.
 */
export class GuestRunner extends Runner {
  private readonly limits: Limits;
  private readonly processor: ProcessorWatch;
  private readonly unanswered = new Set<number>();
  private readonly end: { outOfHeap: boolean };
  private guest: { cell: number; owner: CellOwner } | undefined;
  private cpuMs = 0;
  private quiet = false;
  private skipped = 0;

  /** Memory is bounded as `child` was started: a program shares it with nobody. */
  constructor(child: JailedChild, limits: Limits) {
    const end = { outOfHeap: false };
    super({
      ...child,
      process: withoutExit(child.process),
      holdMemory: () => {},
      ended: child.ended.then((told) => noted(told, end)),
    });
    this.end = end;
    this.limits = limits;
    this.processor = new ProcessorWatch(limits, availableParallelism(), performance.now());
    this.listen(child);
    const looking = setInterval(() => (this.alive ? this.look() : clearInterval(looking)), lookMs).unref();
  }

  override admit(owner: CellOwner): number {
    const questions = new Meter(this.limits.hostCallsPerSecond, secondMs);
    const flood = new Meter(this.limits.hostCallsPerSecond * floodFactor, secondMs);
    const cell = super.admit({
      hardMemoryBytes: owner.hardMemoryBytes,
      done: (id, value) => this.settled(id) && owner.done(id, value),
      failed: (id, failure) => (id === 0 || this.settled(id)) && owner.failed(id, failure),
      asked: (question, text) => {
        if (!flood.take(1)) return this.kill('it asked the host without an end', cell);
        if (questions.take(1)) return owner.asked(question, text);
        this.answer(cell, question, { ok: false, json: this.refusal() });
      },
      logged: (text) => owner.logged(text),
      // What it says of itself is not believed.
      spent: () => {},
      // It is alone in there: whoever ended it, it was at it.
      lost: (loss) =>
        this.end.outOfHeap
          ? owner.failed(0, { kind: 'memory', message: 'The module used all its memory.' })
          : owner.lost({ ...loss, guilty: true }),
    });
    this.guest = { cell, owner };
    return cell;
  }

  override order(kind: number, cell: number, text: string): number {
    const id = super.order(kind, cell, text);
    this.unanswered.add(id);
    this.quiet = false;
    this.processor.begin(id, performance.now());
    return id;
  }

  /** Counts the processor time, and ends what takes more than its orders allow. */
  private look(): void {
    if (this.quiet && ++this.skipped % idleLooks !== 0) return;
    const { cpuMs } = this.usage();
    const more = cpuMs - this.cpuMs;
    this.cpuMs = cpuMs;
    const { guest } = this;
    if (!guest) return;
    this.quiet = more === 0 && !this.processor.isOpen;
    if (more > 0) guest.owner.spent(more * 1_000);
    const verdict = this.processor.judge(performance.now(), cpuMs);
    if (verdict === 'order') guest.owner.failed(0, { kind: 'cpu', message: 'The module used all its processor time.' });
    if (verdict === 'idle') this.kill('it went on working after its answer', guest.cell);
  }

  private settled(id: number): boolean {
    if (this.unanswered.delete(id)) {
      this.processor.end(id, performance.now());
      return true;
    }
    this.kill(formBroken, this.guest?.cell);
    return false;
  }

  /** What it says while it works is bounded by the time it may work; without an order it has little to say. */
  private listen(child: JailedChild): void {
    const idle = new Meter(idleBytes, secondMs);
    child.process.stdout?.on('data', (piece: Buffer) => {
      if (!this.processor.isOpen && !idle.take(piece.length)) this.kill('it talked without an end', this.guest?.cell);
    });
  }

  private refusal(): string {
    const { hostCallsPerSecond: value } = this.limits;
    const message = `The limit hostCallsPerSecond = ${value} was reached.`;
    return JSON.stringify({ code: 'LIMIT_EXCEEDED', message, data: { limit: 'hostCallsPerSecond', value } });
  }
}

/**
 * Keeps the exit of a process from a runner, which is then told when all is gone. Where nobody has to be moved in a hurry, the signal behind a
 * launcher's exit code and the last words of the program are worth the wait.
 */
const withoutExit = (child: ChildProcess): ChildProcess => {
  const view = Object.create(child) as ChildProcess;
  view.once = () => view;
  return view;
};

/** V8 ends its process when its heap is full, and says so at the end of it. */
const noted = (end: JailEnd, note: { outOfHeap: boolean }): JailEnd => {
  note.outOfHeap = !end.outOfMemory && end.code !== 0 && /heap out of memory|Allocation failed/.test(end.complaint);
  return end;
};
