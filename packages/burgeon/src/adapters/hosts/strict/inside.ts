/** The engine of the strict host. It runs inside the jail: one interpreter in one WebAssembly memory for each module. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { orders } from '../../../walls/frames.ts';
import { type Cell, CellFailure, type CellPlan, type Doors, type Engine, type OpenCell } from '../../../walls/inside/cell.ts';
import { takeUrlApart } from '../../../walls/inside/url.ts';
import { guestFailure, placeIn } from '../../../walls/javascript/failure.ts';
import { guestSource } from '../../../walls/javascript/guest.ts';
import { joined } from '../../../walls/javascript/joined.ts';
import type { Script } from '../../../walls/javascript/script.ts';
import { bounded } from './bounded.ts';
import { isTooDeep, mostDepth } from './depth.ts';
import { type Program, webAssembly } from './library.ts';
import { Complaint, type Ground, type Given, Machine, type MachineDoors, type Plain } from './machine.ts';
import { type MemoryImage, packImage, unpackImage } from './memory-image.ts';

/** A module as this engine takes it. */
export interface StrictProgram extends Script {
  /** Of the module: a memory image belongs to exactly one. */
  digest: string;
}

/** What goes with a memory image. */
interface ImageCard {
  module: string;
  ground: string;
  /** The last number that an order had inside. */
  numbers: number;
  /** Questions without an answer; `leftMs` of those that only wait for time. */
  waiting: { question: number; leftMs?: number }[];
}

/** What the guest is told when a question of its former life has no answer. */
const lost = JSON.stringify({
  code: 'CANCELLED',
  message: 'The module was restored from its memory; the answer did not come with it.',
});

/** What the guest is told when an answer is nested so deep that it could not read it. */
const tooDeep = JSON.stringify({ code: 'REMOTE_INVALID', message: `The answer is nested deeper than ${mostDepth}.` });

/** Milliseconds of one uninterrupted stretch of guest code while it is being set up. */
const setupMs = 2_000;

const megabyte = 1024 * 1024;
const wasmPageBytes = 64 * 1024;

/** Of the whole memory: what the interpreter needs beside what it hands out. */
const reserveBytes = 2 * megabyte;

/** WebAssembly addresses 32 bits. */
const mostBytes = 2 ** 32 - wasmPageBytes;

const outOfTime = (): CellFailure => new CellFailure('cpu', 'The module used all its processor time.');

/** What is the same for all cells of a runner. */
interface Workshop {
  ground: Ground;
  program(memoryBytes: number): Program;
  /** Memory of a machine was let go of. */
  litter(bytes: number): void;
  /** Has it collected when there is much: V8 does not see that such memory is large, and would wait until the process is too. */
  tidy(): void;
}

/** Memory that may wait to be collected: that costs 12 ms (measured 2026-11). */
const litterBytes = 32 * 1024 * 1024;

/** One module in one machine. */
class StrictCell implements Cell {
  private readonly workshop: Workshop;
  private readonly plan: CellPlan;
  private readonly script: StrictProgram;
  private readonly doors: Doors;
  private machine: Machine | undefined;
  /** Orders by the number they have inside, which no order of a former life had. */
  private readonly open = new Map<number, number>();
  private numbers = 0;
  /** Questions without an answer; when those that wait for time are over, by `performance.now()`. */
  private readonly asked = new Map<number, number | undefined>();
  /** Processor time that the open orders have left together, milliseconds. */
  private leftMs = 0;
  private deadline = Infinity;
  private linking = false;

  constructor(workshop: Workshop, plan: CellPlan, doors: Doors) {
    this.workshop = workshop;
    this.plan = plan;
    this.script = plan.program as StrictProgram;
    this.doors = doors;
  }

  /** Starts the module, which answers to `id` once it has. */
  load(id: number): void {
    this.workshop.tidy();
    this.machine = this.build();
    this.stretch(id, Math.min(this.plan.cpuMs, setupMs), (machine, number) => {
      machine.call('adopt', [this.plan.seed ?? randomInt(2 ** 32), this.plan.stateVersion]);
      const boot = `import * as module from ${JSON.stringify(this.script.entry)}; globalThis.$register(module, ${number});`;
      this.linking = true;
      const started = machine.evaluate(boot, 'guest', 'module');
      this.linking = false;
      machine.call('watch', [started, number]);
      machine.free(started);
    });
  }

  run(order: number, id: number, head: string, body: string): undefined {
    if (isTooDeep(body)) return this.refuse(id, `The input is nested deeper than ${mostDepth}.`);
    if (order === orders.snapshot && this.plan.stateVersion !== undefined && !this.keeps('snapshot')) return this.takeImage(id);
    const image = order === orders.restore ? imageTextIn(body) : undefined;
    if (image !== undefined && !this.migrates(Number(head))) return this.becomeImage(id, image);
    this.stretch(id, this.plan.cpuMs, (machine, number) => machine.call('run', [order, number, head, body]));
  }

  answer(question: number, ok: boolean, value: string): undefined {
    this.asked.delete(question);
    const given: Given[] = isTooDeep(value) ? [question, 0, tooDeep] : [question, ok ? 1 : 0, value];
    this.stretch(undefined, this.plan.cpuMs, (machine) => machine.call('answer', given));
  }

  close(): void {
    this.abandon();
    this.workshop.tidy();
  }

  /** Lets go of the machine, which is broken or not wanted. */
  private abandon(): void {
    if (this.machine) this.workshop.litter(this.machine.bytes);
    this.machine = undefined;
  }

  private build(state?: MemoryImage): Machine {
    const { memoryBytes, hardMemoryBytes } = this.plan;
    const hardBytes = Math.min(hardMemoryBytes, mostBytes);
    const doors: MachineDoors = {
      interrupt: () => performance.now() > this.deadline,
      called: (door, values) => this.called(door, values),
      resolve: (from, specifier) => this.resolve(from, specifier),
      source: (name) => this.source(name),
      textBytes: this.plan.resultLength * 3,
    };
    return Machine.copy(this.workshop.program(hardBytes), this.workshop.ground, doors, {
      memoryBytes: Math.max(megabyte, Math.min(memoryBytes, hardBytes - reserveBytes)),
      ...(state === undefined ? {} : { state }),
    });
  }

  private called(door: number, [first, ...rest]: Plain[]): string | undefined {
    if (performance.now() > this.deadline) throw outOfTime();
    if (door === doorNumbers.settled) return this.settled(first, rest);
    if (typeof first === 'number' && door === doorNumbers.ask) return this.ask(first, rest);
    if (typeof first !== 'string') throw new CellFailure('code', 'This takes a text, and not too long a one.');
    if (door === doorNumbers.url) return takeUrlApart(first);
    this.doors.log(first);
    return undefined;
  }

  private settled(number: Plain, [kind, text]: Plain[]): undefined {
    const id = typeof number === 'number' ? this.open.get(number) : undefined;
    // Whatever the guest got hold of, only its own open orders can be settled, and only with text.
    if (id === undefined || text === undefined || typeof text === 'number') return;
    const failure = kind === undefined || text === null ? undefined : guestFailure(kind, text);
    if (failure?.message === 'out of memory' && text?.includes('"name":"InternalError"'))
      throw new CellFailure('memory', 'The module used all its memory.');
    this.open.delete(Number(number));
    if (text === null) this.doors.failed(id, { kind: 'result', message: 'The result is too long.' });
    else if (failure === undefined) this.doors.done(id, text);
    else this.doors.failed(id, failure);
  }

  private ask(question: number, [kind, method, args]: Plain[]): undefined {
    if (typeof kind !== 'string' || typeof method !== 'string' || typeof args !== 'string')
      throw new CellFailure('code', 'The arguments are too long.');
    const sleepMs = kind === '' ? Number(/^\[(\d+(?:\.\d+)?)\]$/.exec(args)?.[1]) : NaN;
    this.asked.set(question, Number.isNaN(sleepMs) ? undefined : performance.now() + sleepMs);
    this.doors.host(question, kind, method, args);
  }

  private resolve(from: string, specifier: string): string {
    const { files, entry, powers } = this.script;
    const relative = from.startsWith(filePrefix) && /^\.\.?\//.test(specifier);
    const path = relative ? joined(from.slice(filePrefix.length), specifier) : from === 'guest' ? entry : undefined;
    if (this.linking && path !== undefined && files.some((file) => file.path === path)) return filePrefix + path;
    if (this.linking && !relative && powers.some((power) => power.specifier === specifier)) return specifier;
    const where = from.slice(filePrefix.length);
    throw new CellFailure('code', `"${where}" imports "${specifier.slice(0, 200)}", which is neither in the bundle nor granted.`);
  }

  private source(name: string): string {
    const power = this.script.powers.find(({ specifier }) => specifier === name);
    if (power) return `export const ${power.name} = globalThis.$capability(${JSON.stringify(power.kind)});`;
    return this.script.files.find(({ path }) => filePrefix + path === name)?.source ?? '';
  }

  /** Whether the module exports a function of its life. */
  private keeps(name: string): boolean {
    if (!this.machine) throw gone();
    this.deadline = Infinity;
    return this.machine.call('keeps', [name]);
  }

  /** Whether a memory image of that version is for the module itself to look at. */
  private migrates(version: number): boolean {
    return version !== 0 && version !== this.plan.stateVersion && this.keeps('migrate');
  }

  private takeImage(id: number): undefined {
    if (!this.machine) throw gone();
    this.deadline = Infinity;
    const now = performance.now();
    const card: ImageCard = {
      module: this.script.digest,
      ground: this.workshop.ground.digest,
      numbers: this.numbers,
      waiting: [...this.asked].map(([question, over]) => ({
        question,
        ...(over === undefined ? {} : { leftMs: Math.max(0, Math.round(over - now)) }),
      })),
    };
    this.doors.done(id, JSON.stringify({ vm: packImage(this.machine.image(this.workshop.ground), card) }));
  }

  private becomeImage(id: number, text: string): undefined {
    const unpacked = unpackImage(text, Math.min(this.plan.hardMemoryBytes, mostBytes));
    const card = cardIn(unpacked?.card);
    if (unpacked === undefined || card === undefined) return this.refuse(id, 'The state is no memory image.');
    const { module, ground, numbers, waiting } = card;
    if (ground !== this.workshop.ground.digest)
      return this.refuse(id, 'The state is a memory image of another version of the interpreter.');
    if (module !== this.script.digest || this.keeps('snapshot'))
      return this.refuse(
        id,
        'The state is a memory image, and of another version of this module. It has no "migrate" for that; versions that export "snapshot" and "restore" hand their state over as JSON.',
      );
    const machine = this.build(unpacked.image);
    this.abandon();
    this.machine = machine;
    for (const order of this.open.values()) this.refuse(order, 'The state was replaced while this was running.');
    this.open.clear();
    this.numbers = numbers;
    this.asked.clear();
    this.doors.done(id, 'null');
    for (const { question, leftMs } of waiting)
      if (leftMs === undefined) this.answer(question, false, lost);
      else this.ask(question, ['', 'sleep', JSON.stringify([leftMs])]);
  }

  private refuse(id: number, message: string): undefined {
    this.doors.failed(id, { kind: 'thrown', message });
  }

  /** Runs guest code and what it promised, and counts its time against the open orders. */
  private stretch(id: number | undefined, grantedMs: number, work: (machine: Machine, number: number) => void): void {
    if (!this.machine) throw gone();
    if (id !== undefined) {
      this.leftMs = (this.open.size === 0 ? 0 : this.leftMs) + grantedMs;
      this.open.set(++this.numbers, id);
    }
    const begun = performance.now();
    this.deadline = begun + Math.max(1, Math.ceil(Math.min(grantedMs, this.leftMs)));
    try {
      work(this.machine, this.numbers);
      this.machine.settle();
    } catch (error) {
      this.abandon();
      throw this.explain(error);
    }
    const now = performance.now();
    this.leftMs -= now - begun;
    if (now <= this.deadline && (this.leftMs > 0 || this.open.size === 0)) return;
    this.abandon();
    throw outOfTime();
  }

  private explain(error: unknown): CellFailure {
    if (error instanceof CellFailure) return error;
    if (performance.now() > this.deadline) return outOfTime();
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof Complaint)) return new CellFailure('gone', `its machine broke: ${message}`);
    const place = placeIn(error.stack);
    return new CellFailure('code', message.slice(0, 2_000), place === undefined ? {} : { place });
  }
}

const gone = (): CellFailure => new CellFailure('gone', 'The module is not loaded.');

/** The text of a memory image, when the state is one. */
const imageTextIn = (body: string): string | undefined => {
  if (!body.startsWith('{"vm":"')) return undefined;
  const { vm, ...more } = JSON.parse(body) as Record<string, unknown>;
  return typeof vm === 'string' && Object.keys(more).length === 0 ? vm : undefined;
};

/** What an image says of itself, field by field: it may be anything. */
const cardIn = (value: unknown): ImageCard | undefined => {
  const { module, ground, numbers, waiting } = (value ?? {}) as Record<string, unknown>;
  if (typeof module !== 'string' || typeof ground !== 'string' || typeof numbers !== 'number' || !Array.isArray(waiting))
    return undefined;
  const questions = waiting.map((each: unknown): ImageCard['waiting'][number] => {
    const { question, leftMs } = (each ?? {}) as Record<string, unknown>;
    return { question: Number(question), ...(typeof leftMs === 'number' ? { leftMs } : {}) };
  });
  return { module, ground, numbers, waiting: questions };
};

/** What names of files of the module begin with, so that frames of a stack tell them apart. */
const filePrefix = 'module:/';

/** Host functions, by the number that a machine knows them by. */
const doorNumbers = { settled: 0, ask: 1, log: 2, url: 3 } as const;

/** Functions of the glue that are called from outside. */
const entrances = ['run', 'answer', 'adopt', 'keeps', 'watch'] as const;

/** A machine with the glue in it, for no module in particular. */
const groundOf = (program: Program): Ground => {
  const closed: MachineDoors = {
    interrupt: () => false,
    called: () => undefined,
    resolve: () => '',
    source: () => '',
    textBytes: 0,
  };
  return Machine.ground(program, closed, (machine) => {
    const glue = machine.evaluate(`(function ($0, $1, $2, $3, $4, $5) {${guestSource}})`, 'guest', 'script');
    const doors = Object.values(doorNumbers).map((door) => machine.hostFunction(door));
    const made = machine.apply(glue, [...doors, 0, undefined]);
    for (const name of entrances) machine.keep(name, machine.property(made, name));
    machine.settle();
    for (const value of [glue, made, ...doors]) machine.free(value);
  });
};

/** Programs with different bounds that are kept compiled. */
const mostPrograms = 8;

/** `options`: path of `quickjs.wasm`. */
export const engine: Engine = ([path = '']): OpenCell => {
  const bytes = readFileSync(path);
  const compiled = new Map<number, Program>();
  const program = (memoryBytes: number): Program => {
    const pages = Math.floor(memoryBytes / wasmPageBytes);
    const known = compiled.get(pages) ?? new webAssembly.Module(bounded(bytes, pages));
    compiled.delete(pages);
    compiled.set(pages, known);
    const oldest = compiled.size > mostPrograms ? compiled.keys().next().value : undefined;
    if (oldest !== undefined) compiled.delete(oldest);
    return known;
  };
  let litter = 0;
  const workshop: Workshop = {
    ground: groundOf(program(usualBytes)),
    program,
    litter: (more) => void (litter += more),
    tidy: () => {
      if (litter < litterBytes) return;
      litter = 0;
      // There when the process was started with --expose-gc.
      globalThis.gc?.({ type: 'major', execution: 'sync' });
    },
  };
  return (plan, doors, id) => {
    const cell = new StrictCell(workshop, plan, doors);
    cell.load(id);
    return { cell, rest: undefined };
  };
};

/** The bound that most modules have, so that the program is there before the first comes. */
const usualBytes = 256 * megabyte;
