/**
 * The process that holds cells. It has no rights worth taking: it reads orders from standard input and writes reports to standard output, one
 * order at a time, and blocks in between; so whoever reads its reports knows which order it is at.
 */
import { readSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Frame, FrameReader, FrameWriter, orders, partsOf, reports } from '../frames.ts';
import { type Cell, CellFailure, type CellPlan, type Doors, type Engine, type Failure, type Rest } from './cell.ts';
import { Meter } from './meter.ts';

const [enginePath = '', ...options] = process.argv.slice(2);
const { engine } = (await import(pathToFileURL(enginePath).href)) as { engine: Engine };
const open = await engine(options);

/** A cell, what it spent since it last reported, and its questions. */
interface Tenancy {
  cell: Cell | undefined;
  spent: number;
  questions: Set<number>;
  rate: Meter;
  plan: CellPlan;
}

const tenancies = new Map<number, Tenancy>();
const writer = new FrameWriter();

/** Retries while the pipe is full. */
const patiently = (work: () => number): number => {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') process.exit(1);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
};

const flush = (): void => {
  const bytes = writer.take(true);
  for (let at = 0; bytes !== undefined && at < bytes.length;) at += patiently(() => writeSync(1, bytes, at));
};

/** The order at hand, and whether it has been answered. Answers to questions need none. */
let current = -1;
let answered = false;

const report = (kind: number, id: number, cell: number, text: string): void => {
  const tenancy = tenancies.get(cell);
  writer.add({ kind, id, cell, spent: tenancy ? Math.round(tenancy.spent) : 0, text });
  if (tenancy) tenancy.spent = 0;
};

const settle = (id: number): void => {
  if (id === current) answered = true;
};

const fail = (id: number, cell: number, failure: Failure): void => {
  settle(id);
  report(reports.failed, id, cell, JSON.stringify(failure));
};

const failureOf = (error: unknown): Failure =>
  error instanceof CellFailure
    ? error.failure
    : { kind: 'code', message: error instanceof Error ? error.message.slice(0, 2_000) : 'Unknown failure.' };

const refusal = (limit: string, value: number): string =>
  JSON.stringify({ code: 'LIMIT_EXCEEDED', message: `The limit ${limit} = ${value} was reached.`, data: { limit, value } });

const doorsOf = (number: number, tenancy: Tenancy): Doors => ({
  done: (id, value) => {
    if (value.length > tenancy.plan.resultLength)
      return fail(id, number, { kind: 'result', message: `The result is longer than ${tenancy.plan.resultLength} characters.` });
    settle(id);
    report(reports.done, id, number, value);
  },
  failed: (id, failure) => fail(id, number, failure),
  host: (question, kind, method, args) => {
    const { questions, plan, rate, cell } = tenancy;
    const full = questions.size >= plan.pendingCalls;
    if (full || !rate.take(1)) {
      // Refused here: a flood never leaves the process.
      const [limit, value]: [string, number] = full
        ? ['pendingCalls', plan.pendingCalls]
        : ['hostCallsPerSecond', plan.hostCallsPerSecond];
      later.push(() => cell?.answer(question, false, refusal(limit, value)));
      return;
    }
    questions.add(question);
    report(reports.host, question, number, `${kind}\n${method}\n${args}`);
  },
  log: (text) => report(reports.log, 0, number, text.slice(0, 2_000)),
});

/** Answers that must not come while the guest is still asking. */
const later: (() => Rest)[] = [];

const load = ({ id, cell: number, text }: Frame): Rest => {
  tenancies.get(number)?.cell?.close();
  const plan = JSON.parse(text) as CellPlan;
  const rate = new Meter(plan.hostCallsPerSecond, 1_000);
  const tenancy: Tenancy = { cell: undefined, spent: 0, questions: new Set(), rate, plan };
  tenancies.set(number, tenancy);
  const { cell, rest } = open(plan, doorsOf(number, tenancy), id);
  tenancy.cell = cell;
  return rest;
};

const carryOut = (frame: Frame): Rest => {
  const { kind, id, cell: number, text } = frame;
  if (kind === orders.load) return load(frame);
  const tenancy = tenancies.get(number);
  const cell = tenancy?.cell;
  if (kind === orders.drop) {
    cell?.close();
    tenancies.delete(number);
    return undefined;
  }
  if (kind === orders.answer) {
    if (!tenancy?.questions.delete(id)) return undefined;
    return cell?.answer(id, text.startsWith('+'), text.slice(1));
  }
  if (!cell) throw new CellFailure('gone', 'The module is not loaded.');
  const [head, body] = partsOf(text);
  return cell.run(kind, id, head, body);
};

/** Runs guest code and counts its time. A cell that ended is closed. */
const guarded = (frame: Frame, work: () => Rest): Rest => {
  const begun = performance.now();
  const end = (): void => {
    const tenancy = tenancies.get(frame.cell);
    if (tenancy) tenancy.spent += (performance.now() - begun) * 1_000;
  };
  try {
    const rest = work();
    if (rest) return rest.catch((error: unknown) => broken(frame, error)).then(end);
  } catch (error) {
    broken(frame, error);
  }
  end();
  return undefined;
};

const broken = (frame: Frame, error: unknown): void => {
  const failure = failureOf(error);
  // Under number 0 it concerns the cell as a whole.
  if (current === -1 || answered) report(reports.failed, 0, frame.cell, JSON.stringify(failure));
  else fail(frame.id, frame.cell, failure);
  if (failure.kind !== 'missing' && failure.kind !== 'thrown' && failure.kind !== 'result') close(frame.cell);
};

const close = (number: number): void => {
  try {
    tenancies.get(number)?.cell?.close();
  } catch {
    // It is gone, which is what was wanted.
  }
  tenancies.delete(number);
};

const finish = (frame: Frame): void => {
  if (!answered) report(reports.rest, frame.id, frame.cell, '');
};

/** What was refused is answered only now: the guest may ask again at once, so this goes on until it does not. */
const refuse = async (frame: Frame): Promise<void> => {
  while (later.length > 0) for (const each of later.splice(0)) await guarded(frame, each);
  finish(frame);
};

const take = (frame: Frame): Rest => {
  current = frame.kind === orders.answer ? -1 : frame.id;
  answered = false;
  const rest = guarded(frame, () => carryOut(frame));
  if (rest) return rest.then(() => refuse(frame));
  if (later.length > 0) return refuse(frame);
  finish(frame);
  return undefined;
};

// A rejection nobody waits for is the guest's own matter.
process.on('unhandledRejection', () => {});

const reader = new FrameReader();
const piece = Buffer.allocUnsafe(64 * 1024);
for (;;) {
  const count = patiently(() => readSync(0, piece));
  const frames = count === 0 ? undefined : reader.take(piece.subarray(0, count));
  if (!frames) process.exit(count === 0 ? 0 : 1);
  let cell = 0;
  for (const frame of frames) {
    // Nobody's guest code runs before the reports on others are out: should it never end, it is clear whose it is.
    if (frame.cell !== cell) flush();
    cell = frame.cell;
    const rest = take(frame);
    if (rest) await rest;
  }
  flush();
}
