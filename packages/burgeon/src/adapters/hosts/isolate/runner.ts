/** The process that holds cells. It has no rights worth taking: it reads orders from standard input and writes reports to standard output. */
import { createRequire } from 'node:module';
import { writeSync } from 'node:fs';
import { Cell, CellFailure } from './cell.ts';
import type { Engine } from './engine.ts';
import { FrameReader, frameOf } from './frames.ts';
import type { Failure, Order, Report } from './messages.ts';

const { ivm: engine } = createRequire(import.meta.url)(process.argv[2] ?? '') as { ivm: Engine };
const cells = new Map<string, Cell>();
const answers = new Map<number, (text: string) => void>();
const reader = new FrameReader();
let hostCalls = 0;

/** Writes all of it, however often the pipe is full. */
const send = (report: Report): void => {
  const frame = frameOf(report);
  for (let at = 0; at < frame.length;) {
    try {
      at += writeSync(1, frame, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') process.exit(1);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
};

const host = (cell: string, kind: string, method: string, args: string): Promise<string> =>
  new Promise((resolve) => {
    const id = ++hostCalls;
    answers.set(id, resolve);
    send({ op: 'host', id, cell, kind, method, args });
  });

const cellOf = (name: string): Cell => {
  const cell = cells.get(name);
  if (cell) return cell;
  throw new CellFailure({ kind: 'gone', message: 'The module is not loaded.' });
};

const carryOut = async (order: Order): Promise<string> => {
  switch (order.op) {
    case 'load': {
      const { cell: name, plan } = order;
      cells.get(name)?.close();
      const doors = {
        host: (kind: string, method: string, args: string) => host(name, kind, method, args),
        log: (text: string) => send({ op: 'log', cell: name, text }),
      };
      cells.set(name, await Cell.open(engine, plan, doors));
      return 'null';
    }
    case 'call':
      return cellOf(order.cell).call(order.name, order.input);
    case 'snapshot':
      return cellOf(order.cell).snapshot();
    case 'restore':
      return cellOf(order.cell).restore(order.state);
    case 'drop':
      cells.get(order.cell)?.close();
      cells.delete(order.cell);
      return 'null';
    default:
      return 'null';
  }
};

const failureOf = (error: unknown): Failure =>
  error instanceof CellFailure
    ? error.failure
    : { kind: 'code', message: error instanceof Error ? error.message.slice(0, 2_000) : 'Unknown failure.' };

const take = (order: Order): void => {
  if (order.op === 'answer') {
    answers.get(order.id)?.(JSON.stringify({ ok: order.ok, value: JSON.parse(order.value) }));
    answers.delete(order.id);
    return;
  }
  carryOut(order).then(
    (value) => send({ op: 'done', id: order.id, value }),
    (error: unknown) => send({ op: 'failed', id: order.id, failure: failureOf(error) }),
  );
};

// A rejection nobody waits for is the guest's own matter.
process.on('unhandledRejection', () => {});
process.stdin.on('data', (piece: Buffer) => {
  const orders = reader.take(piece);
  if (!orders) process.exit(1);
  for (const order of orders) take(order as Order);
});
process.stdin.on('end', () => process.exit(0));
