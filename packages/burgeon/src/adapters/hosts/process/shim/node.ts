/**
 * The program that carries a module of its own in Node. It runs inside the jail: `node THIS FOLDER ENTRY`. The entry exports what a module of the
 * isolate host exports, and has the whole of Node that the walls leave.
 */
import { Console } from 'node:console';
import { readFileSync, writeSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Frame, FrameReader, FrameWriter, orders, partsOf, reports } from '../../../../walls/frames.ts';
import { CellFailure, type CellPlan, type Failure } from '../../../../walls/inside/cell.ts';
import type { GuestProgram } from '../program.ts';

/** What an entry may export. */
interface Entry {
  operations?: Record<string, (input: unknown) => unknown>;
  init?(): unknown;
  message?(topic: string, body: unknown): unknown;
  snapshot?(): unknown;
  restore?(state: unknown): unknown;
  migrate?(state: unknown, version: number): unknown;
  dispose?(): unknown;
}

const [folder = '', entryPath = ''] = process.argv.slice(2);
const base = `${pathToFileURL(folder).href}/`;
const writer = new FrameWriter();
const questions = new Map<number, (answer: { ok: boolean; text: string }) => void>();
let asked = 0;
let cell = 1;
let plan: CellPlan | undefined;
let module: Entry | undefined;
/** The order at hand until it is answered; its kind tells an order from an answer of the host, which may have the same number. */
let turn: { kind: number; id: number } | undefined;

const report = (kind: number, id: number, text: string): void => {
  writer.add({ kind, id, cell, spent: 0, text });
  scheduleFlush();
};

/** Writes all of it; retries while the pipe is full. */
const flush = (): void => {
  const bytes = writer.take(true);
  for (let at = 0; bytes !== undefined && at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') process.exit(1);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
};

let flushing: NodeJS.Immediate | undefined;

/** What is said between orders, by timers and the like, leaves soon. */
const scheduleFlush = (): void => {
  flushing ??= setImmediate(() => {
    flushing = undefined;
    flush();
  });
};

const settle = (kind: number, id: number, text: string): void => {
  if (turn && turn.kind !== orders.answer && turn.id === id) turn = undefined;
  report(kind, id, text);
};

const textIn = (error: object, name: string): string | undefined => {
  try {
    const value = (error as Record<string, unknown>)[name];
    return typeof value === 'string' ? value.slice(0, 8_000) : undefined;
  } catch {
    return undefined;
  }
};

const placeIn = (stack = ''): string | undefined => {
  const at = stack.indexOf(base);
  return at < 0 ? undefined : /^[^\s():]{1,240}:\d{1,7}:\d{1,7}/.exec(stack.slice(at + base.length))?.[0];
};

const fail = (id: number, error: unknown): void => {
  const known = typeof error === 'object' && error !== null ? error : new Error(String(error));
  const place = placeIn(textIn(known, 'stack'));
  let data: string | undefined;
  try {
    const value = (known as { data?: unknown }).data;
    data = value === undefined ? undefined : JSON.stringify(value)?.slice(0, 8_000);
  } catch {
    data = undefined;
  }
  const failure: Failure = {
    kind: known instanceof CellFailure ? known.failure.kind : 'thrown',
    message: textIn(known, 'message') ?? 'An error without a message.',
    ...(place === undefined ? {} : { place }),
    ...(data === undefined ? {} : { data }),
  };
  settle(reports.failed, id, JSON.stringify(failure));
};

const finish = (id: number, value: unknown): void => {
  const text = JSON.stringify(value) ?? 'null';
  const most = plan?.resultLength ?? Infinity;
  if (text.length > most) throw new CellFailure('result', `The result is longer than ${most} characters.`);
  settle(reports.done, id, text);
};

/** Asks the host; arguments are written down before anything else looks at them. */
const ask = async (kind: string, method: string, args: unknown[]): Promise<unknown> => {
  const text = JSON.stringify(args);
  const answer = await new Promise<{ ok: boolean; text: string }>((resolve) => {
    const id = ++asked;
    questions.set(id, resolve);
    report(reports.host, id, `${kind}\n${method}\n${text}`);
  });
  const value = JSON.parse(answer.text) as { message?: string; code?: string; data?: unknown };
  if (answer.ok) return value;
  throw Object.assign(new Error(value.message), { code: value.code }, value.data === undefined ? {} : { data: value.data });
};

const powerKey = Symbol.for('burgeon.power');

/** Power by kind: any method is a question to the host. Not even `then` may be one, or it could not be awaited. */
const powerOf = (kind: string): object =>
  new Proxy(Object.freeze({}), {
    get: (_, method) =>
      typeof method === 'string' && method !== 'then' ? (...args: unknown[]) => ask(kind, method, args) : undefined,
  });

const isOwnCode = (url: string): boolean => url.startsWith(base) && /\.[cm]?[jt]s$/.test(url);

/** Own files are modules of JavaScript whatever they are called, and what is granted can be imported. */
const openDoors = ({ powers }: GuestProgram): void => {
  Object.defineProperty(globalThis, powerKey, { value: powerOf });
  const bySpecifier = new Map(powers.map((power) => [power.specifier, power]));
  registerHooks({
    resolve: (specifier, context, next) => {
      if (bySpecifier.has(specifier)) return { url: specifier, shortCircuit: true };
      if (specifier.startsWith('burgeon:')) throw new CellFailure('code', `It imports "${specifier}", which was not granted.`);
      return next(specifier, context);
    },
    load: (url, context, next) => {
      const power = bySpecifier.get(url);
      const source = power
        ? `export const ${power.name} = globalThis[Symbol.for('burgeon.power')](${JSON.stringify(power.kind)});`
        : isOwnCode(url)
          ? readFileSync(fileURLToPath(url))
          : undefined;
      return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true };
    },
  });
};

/** Chance that repeats, where that is wanted (mulberry32). */
const seedChance = (seed: number): void => {
  let at = seed >>> 0;
  Math.random = () => {
    at = (at + 0x6d2b79f5) | 0;
    let t = Math.imul(at ^ (at >>> 15), 1 | at);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

const load = async (text: string): Promise<null> => {
  plan = JSON.parse(text) as CellPlan;
  if (plan.seed !== undefined) seedChance(plan.seed);
  openDoors(plan.program as GuestProgram);
  try {
    module = (await import(pathToFileURL(join(folder, entryPath)).href)) as Entry;
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    throw Object.assign(new CellFailure('code', message.replaceAll(base, '')), { stack });
  }
  if (typeof module.operations !== 'object' || module.operations === null)
    throw new CellFailure('code', 'It does not export "operations".');
  await module.init?.();
  return null;
};

const restore = async (version: number, state: unknown): Promise<null> => {
  const keeps = plan?.stateVersion;
  if (!module?.restore) return null;
  if (version === 0 || keeps === undefined || version === keeps) await module.restore(state);
  else if (module.migrate) await module.restore(await module.migrate(state, version));
  else
    throw new CellFailure(
      'thrown',
      `The state is of version ${version}, the module keeps version ${keeps} and has no "migrate".`,
    );
  return null;
};

const begin = ({ kind, text }: Frame): unknown => {
  if (kind === orders.load) return load(text);
  if (!module) throw new CellFailure('gone', 'The module is not loaded.');
  const [head, body] = partsOf(text);
  switch (kind) {
    case orders.call: {
      const run = Object.hasOwn(module.operations ?? {}, head) ? module.operations?.[head] : undefined;
      if (typeof run !== 'function') throw new CellFailure('missing', 'The module has no such operation.');
      return run(JSON.parse(body));
    }
    case orders.message:
      return module.message?.(head, JSON.parse(body));
    case orders.snapshot:
      return module.snapshot?.();
    case orders.restore:
      return restore(Number(head), JSON.parse(body));
    default:
      return module.dispose?.();
  }
};

const carryOut = async (frame: Frame): Promise<void> => {
  try {
    finish(frame.id, await begin(frame));
  } catch (error) {
    fail(frame.id, error);
  }
};

const take = (frame: Frame): void => {
  cell = frame.cell;
  turn = frame;
  if (frame.kind === orders.answer) {
    questions.get(frame.id)?.({ ok: frame.text.startsWith('+'), text: frame.text.slice(1) });
    questions.delete(frame.id);
  } else if (frame.kind !== orders.drop) void carryOut(frame);
};

const waiting: Frame[] = [];
let working = false;

/** One order after the other: the next is taken up when all that the last one set off at once has been done. */
const work = (): void => {
  if (turn) report(reports.rest, turn.id, '');
  const dropped = turn?.kind === orders.drop;
  turn = undefined;
  const next = waiting.shift();
  working = next !== undefined;
  if (next) {
    take(next);
    setImmediate(work);
  } else flush();
  if (dropped) process.exit(0);
};

/** What is printed goes to the log, line by line. */
const logStream = (): Writable => {
  let held = '';
  return new Writable({
    decodeStrings: false,
    write: (chunk: string | Buffer, _encoding, done) => {
      const lines = (held + chunk.toString()).split('\n');
      held = lines.pop() ?? '';
      if (held.length > 2_000) {
        lines.push(held);
        held = '';
      }
      for (const line of lines) report(reports.log, 0, line.slice(0, 2_000));
      if (lines.length > 100) flush();
      done();
    },
  });
};

const openStreams = (): void => {
  const input = process.stdin;
  const log = logStream();
  for (const name of ['stdout', 'stderr']) Object.defineProperty(process, name, { value: log });
  Object.defineProperty(globalThis, 'console', { value: new Console(log) });
  const reader = new FrameReader();
  input.on('end', () => process.exit(0));
  input.on('data', (piece: Buffer) => {
    const frames = reader.take(piece);
    if (!frames) process.exit(1);
    waiting.push(...frames);
    if (working) return;
    working = true;
    work();
  });
};

// A rejection nobody waits for is the module's own matter.
process.on('unhandledRejection', () => {});
openStreams();
