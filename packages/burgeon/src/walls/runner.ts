import { constants } from 'node:os';
import { BurgeonError } from '@burgeon/kit';
import { isObject } from '../base/json.ts';
import { type Frame, FrameReader, FrameWriter, orders, reports } from './frames.ts';
import type { Failure } from './inside/cell.ts';
import type { JailEnd, JailedChild } from './jail/jail.ts';

/** What a cell's owner in the control plane hears of its runner. */
export interface CellOwner {
  /** Everything the cell may take, bytes. */
  readonly hardMemoryBytes: number;
  done(id: number, value: string): void;
  /** Under number 0 the cell as a whole has ended. */
  failed(id: number, failure: Failure): void;
  /** A question of the guest: kind of power, method and arguments on three lines. */
  asked(question: number, text: string): void;
  logged(text: string): void;
  /** Processor time it took since the last report, microseconds. */
  spent(microseconds: number): void;
  /** The process is gone. `guilty` when it was this cell's turn; `why` in words. */
  lost(loss: { guilty: boolean; why: string; outOfMemory: boolean }): void;
}

/** An order that was sent and not yet reported on. */
interface Sent {
  kind: number;
  id: number;
  cell: number;
}

const failureKinds: ReadonlySet<string> = new Set([
  'thrown',
  'missing',
  'memory',
  'cpu',
  'result',
  'code',
  'gone',
] satisfies Failure['kind'][]);

/** What a runner says of a failure, field by field: it may be anything. */
const failureFrom = (text: string): Failure => {
  const value = jsonOf(text);
  const read = (name: string): string | undefined =>
    isObject(value) && typeof value[name] === 'string' ? value[name] : undefined;
  const [kind = '', place, data] = [read('kind'), read('place'), read('data')];
  return {
    kind: failureKinds.has(kind) ? (kind as Failure['kind']) : 'thrown',
    message: (read('message') ?? 'The module failed.').slice(0, 4_000),
    ...(place === undefined ? {} : { place: place.slice(0, 300) }),
    ...(data === undefined ? {} : { data: data.slice(0, 8_000) }),
  };
};

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Memory of a runner beside its cells, and of an idle cell, bytes. */
const baseBytes = 192 * 1024 * 1024;
const cellBytes = 3 * 1024 * 1024;

const memoryPollMs = 1_000;

/**
 * One runner as the control plane sees it: a jailed child that may die at any time, and does when it breaks a bound. It handles orders strictly
 * in turn, so the oldest order that it has not reported on is the one it is at; that tells whose fault its end is.
 */
export class Runner {
  private readonly child: JailedChild;
  private readonly owners = new Map<number, CellOwner>();
  private readonly reader = new FrameReader();
  private readonly writer = new FrameWriter();
  private sent: Sent[] = [];
  private turn = 0;
  /** When the order at hand was taken up at the latest, by `performance.now()`. */
  turnBegan = 0;
  private flushing = false;
  private holding = false;
  private cells = 0;
  private ids = 0;
  private line: Promise<unknown> = Promise.resolve();
  private watch: NodeJS.Timeout | undefined;
  private verdict: { guilty: number | undefined; why: string } | undefined;
  /** False once the child is gone or given up: its cells are gone too. */
  alive = true;

  constructor(child: JailedChild) {
    this.child = child;
    child.process.stdout?.on('data', (piece: Buffer) => this.read(piece));
    child.process.stdin?.on('error', () => {});
    // Whoever waits is moved at once; what the child leaves behind is cleared away meanwhile.
    child.process.once('exit', (code, signal) => this.fall({ code, signal, outOfMemory: child.outOfMemory() }));
    void child.ended.then((end) => this.fall(end));
  }

  /** Walls around this runner. */
  get walls(): JailedChild['walls'] {
    return this.child.walls;
  }

  /** How many cells it holds. */
  get tenants(): number {
    return this.owners.size;
  }

  /** The process, for people who look. */
  get pid(): number | undefined {
    return this.child.process.pid;
  }

  /** Takes a new cell in; gives its number. */
  admit(owner: CellOwner): number {
    const cell = ++this.cells;
    this.owners.set(cell, owner);
    this.holdSoon();
    this.watch ??= setInterval(() => this.hold(), memoryPollMs).unref();
    return cell;
  }

  /** Forgets a cell, which is to be dropped. */
  dismiss(cell: number): void {
    if (!this.owners.delete(cell) || !this.alive) return;
    this.send(orders.drop, ++this.ids, cell, '');
    if (this.owners.size > 0) return;
    clearInterval(this.watch);
    this.watch = undefined;
  }

  /** Runs one piece of work after the other, so that what follows from the first is not kept waiting by all. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.line.then(work);
    // Whoever was served first places its next order first.
    this.line = result.then(pause, pause);
    return result;
  }

  /** Gives an order; its number. What becomes of it the owner of the cell hears. */
  order(kind: number, cell: number, text: string): number {
    const id = ++this.ids;
    this.send(kind, id, cell, text);
    return id;
  }

  /** Answers a question of a guest. */
  answer(cell: number, question: number, reply: { ok: boolean; json: string }): void {
    this.send(orders.answer, question, cell, (reply.ok ? '+' : '-') + reply.json);
  }

  /** The cell whose order the runner is at; undefined when it waits for orders. */
  get busy(): number | undefined {
    return this.sent[this.turn]?.cell;
  }

  /** True once the runner took the order up. */
  hasBegun(id: number): boolean {
    const at = this.sent.findIndex((each, index) => index >= this.turn && each.id === id && each.kind !== orders.answer);
    return at <= this.turn;
  }

  /** Memory and processor time of the process. */
  usage(): { memoryBytes: number; cpuMs: number } {
    return this.child.usage();
  }

  /** Ends the child at once. `guilty`: the cell whose fault it is. */
  kill(why: string, guilty?: number): void {
    if (!this.alive) return;
    this.verdict = { guilty, why };
    this.child.kill();
    this.fall({ code: null, signal: 'SIGKILL', outOfMemory: false });
  }

  /** Ends the child and waits until it is gone. */
  async close(): Promise<void> {
    this.kill('it was closed');
    await this.child.ended;
  }

  /** Keeps the child from keeping this process alive. */
  unref(): void {
    const { process: child } = this.child;
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as { unref?(): void } | null)?.unref?.();
  }

  /** The other way round. */
  ref(): void {
    const { process: child } = this.child;
    child.ref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as { ref?(): void } | null)?.ref?.();
  }

  /** Many come at once, and the bound of their process is set once for all of them. */
  private holdSoon(): void {
    if (this.holding) return;
    this.holding = true;
    setImmediate(() => {
      this.holding = false;
      this.hold();
    });
  }

  /** What is there now and one cell's worth more: a cell that takes more than its own hard limit meets the kernel's. */
  private hold(): void {
    if (!this.alive) return;
    const most = Math.max(0, ...[...this.owners.values()].map(({ hardMemoryBytes }) => hardMemoryBytes));
    const now = this.busy === undefined ? this.child.usage().memoryBytes : 0;
    this.child.holdMemory(Math.max(now, baseBytes + this.owners.size * cellBytes) + most);
  }

  private send(kind: number, id: number, cell: number, text: string): void {
    if (!this.alive) return;
    if (this.turn === this.sent.length) this.turnBegan = performance.now();
    this.sent.push({ kind, id, cell });
    this.writer.add({ kind, id, cell, spent: 0, text });
    if (this.flushing) return;
    this.flushing = true;
    queueMicrotask(() => {
      this.flushing = false;
      const bytes = this.writer.take(false);
      if (bytes && this.alive) this.child.process.stdin?.write(bytes);
    });
  }

  private read(piece: Buffer): void {
    const frames = this.reader.take(piece);
    if (!frames) return this.kill('it broke the form of messages', this.busy);
    for (const frame of frames) if (this.alive) this.take(frame);
  }

  private take({ kind, id, cell, spent, text }: Frame): void {
    const owner = this.owners.get(cell);
    if (spent > 0) owner?.spent(spent);
    switch (kind) {
      case reports.done:
        this.pass(id, false);
        return owner?.done(id, text);
      case reports.failed:
        this.pass(id, false);
        return owner?.failed(id, failureFrom(text));
      case reports.rest:
        return this.pass(id, true);
      case reports.host:
        return owner?.asked(id, text);
      case reports.log:
        return owner?.logged(text.slice(0, 2_000));
      default:
        return this.kill('it broke the form of messages', this.busy);
    }
  }

  /** The runner has handled the order at its turn, if that is the one. */
  private pass(id: number, answers: boolean): void {
    const at = this.sent[this.turn];
    if (at?.id !== id || (at.kind === orders.answer && !answers)) return;
    this.turn += 1;
    this.turnBegan = performance.now();
    if (this.turn < 64 || this.turn * 2 < this.sent.length) return;
    this.sent = this.sent.slice(this.turn);
    this.turn = 0;
  }

  private fall(end: Omit<JailEnd, 'complaint'>): void {
    if (!this.alive) return;
    const guilty = this.verdict ? this.verdict.guilty : isFromOutside(end) ? undefined : this.busy;
    this.alive = false;
    clearInterval(this.watch);
    const why =
      this.verdict?.why ?? (end.outOfMemory ? 'it took more memory than it may' : (end.signal ?? `exit code ${end.code}`));
    const owners = [...this.owners];
    this.owners.clear();
    for (const [cell, owner] of owners) owner.lost({ guilty: cell === guilty, why, outOfMemory: end.outOfMemory });
  }
}

/** Nobody inside can send SIGKILL, and we did not: somebody on the machine did, directly or through the launcher in front. */
const isFromOutside = ({ code, signal, outOfMemory }: Omit<JailEnd, 'complaint'>): boolean =>
  !outOfMemory && (signal === 'SIGKILL' || code === 128 + constants.signals.SIGKILL);

/** What to tell a caller whose module's process ended. */
export const crashed = (name: string, why: string): BurgeonError =>
  new BurgeonError('MODULE_CRASHED', {
    message: `The process that ran ${name} ended: ${why}.`,
    hint: 'Call again: it is started anew.',
    retryable: true,
  });
