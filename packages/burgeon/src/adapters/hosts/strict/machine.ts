/** One interpreter in one WebAssembly memory, driven through what `quickjs.wasm` exports. It runs inside the jail. */
import { createHash, randomFillSync } from 'node:crypto';
import { CellFailure } from '../../../walls/inside/cell.ts';
import { type MachineExports, type Program, evaluation, intrinsics, webAssembly } from './library.ts';
import { type MemoryImage, imageOf, restoreImage } from './memory-image.ts';

/** What crosses the border as it is. A text longer than the bound arrives as `null`, anything else as `undefined`. */
export type Plain = string | number | null | undefined;

/** A value inside, by the address of its box. */
export interface Value {
  readonly at: number;
}

/** What a function inside is called with. */
export type Given = Value | string | number | undefined;

/** What a machine asks of whoever holds it. A {@link CellFailure} of kind `code` becomes an error of the guest, all else ends the machine. */
export interface MachineDoors {
  /** True ends what runs; the guest cannot catch that. */
  interrupt(): boolean;
  /** The guest calls host function number `door`. A text is the result. */
  called(door: number, values: Plain[]): string | undefined;
  /** The name of what a file imports. */
  resolve(from: string, specifier: string): string;
  /** The source of a name. */
  source(name: string): string;
  /** Bytes of UTF-8 that a text of the guest may have to cross at all. */
  readonly textBytes: number;
}

/** An interpreter that was set up once, to be copied for each module. */
export interface Ground {
  /** What it differs in from a fresh one. */
  image: MemoryImage;
  memory: Buffer;
  /** The same wherever the same was set up. Images of copies are good for no other ground. */
  digest: string;
  kept: Readonly<Record<string, Value>>;
}

/** An error that nobody inside caught. */
export class Complaint extends Error {
  constructor({ name, message, stack }: Record<'name' | 'message' | 'stack', string>) {
    super(message);
    this.name = name;
    this.stack = stack;
  }
}

/** Half of the stack that the program is linked with: the rest is for what the interpreter does itself. */
const stackBytes = 512 * 1024;

/** Reactions of promises between two looks at the clock. */
const reactionsAtOnce = 256;

/** Values that a call takes at most. */
const mostValues = 8;

const wasiSuccess = 0;
const wasiBadDescriptor = 8;

const outOfMemory = (): CellFailure => new CellFailure('memory', 'The module used all its memory.');

/** A machine. When it throws anything but a {@link CellFailure} or a {@link Complaint} it is broken. */
export class Machine {
  private readonly library: MachineExports;
  private readonly doors: MachineDoors;
  private view: Buffer;
  private readonly kept: Record<string, Value>;

  /** `still`: time stands and there is no chance, so that what is set up comes out the same everywhere. */
  private constructor(program: Program, doors: MachineDoors, { still, kept }: { still: boolean; kept: Ground['kept'] }) {
    this.doors = doors;
    this.kept = { ...kept };
    const imports = { env: this.waysOut(), wasi_snapshot_preview1: this.system(still) };
    this.library = new webAssembly.Instance(program, imports).exports as MachineExports;
    this.view = Buffer.from(this.library.memory.buffer);
  }

  /** Sets one up from nothing and lets `prepare` go on. */
  static ground(program: Program, doors: MachineDoors, prepare: (machine: Machine) => void): Ground {
    const machine = new Machine(program, doors, { still: true, kept: {} });
    const { library } = machine;
    const untouched = Buffer.from(machine.memory);
    library._initialize();
    if (library.qjs_init2(intrinsics) !== 0) throw new CellFailure('code', 'The interpreter does not start.');
    machine.arm();
    machine.keep('nothing', { at: library.qjs_get_undefined() });
    // Where arguments and lengths are written: memory that no guest sees.
    machine.keep('desk', { at: library.wasm_malloc(4 * mostValues) });
    prepare(machine);
    library.qjs_run_gc();
    const memory = Buffer.from(machine.memory);
    const digest = createHash('sha256').update(memory).digest('hex');
    return { image: imageOf(memory, untouched), memory, digest, kept: machine.kept };
  }

  /** A copy of a ground, or of what `state` says it became. `memoryBytes` is all that the guest may allocate. */
  static copy(
    program: Program,
    ground: Ground,
    doors: MachineDoors,
    { memoryBytes, state }: { memoryBytes: number; state?: MemoryImage },
  ): Machine {
    const machine = new Machine(program, doors, { still: false, kept: ground.kept });
    const { library } = machine;
    const missing = (state ?? ground.image).size - library.memory.buffer.byteLength;
    if (missing > 0) library.memory.grow(Math.ceil(missing / 65_536));
    restoreImage(machine.memory, ground.image);
    if (state) restoreImage(machine.memory, state);
    machine.arm();
    library.qjs_set_memory_limit(memoryBytes);
    return machine;
  }

  /** Again for a copy: an image is data from outside. */
  private arm(): void {
    this.library.qjs_set_max_stack_size(stackBytes);
    this.library.qjs_set_interrupt_handler(1);
    this.library.qjs_set_module_loader(1);
  }

  /** How large its memory has become. */
  get bytes(): number {
    return this.library.memory.buffer.byteLength;
  }

  /** What it differs in from its ground, once nothing is left that nothing refers to. */
  image(ground: Ground): MemoryImage {
    this.library.qjs_run_gc();
    return imageOf(this.memory, ground.memory);
  }

  /** Runs a script or a module: its value, or the promise of its end. */
  evaluate(code: string, file: string, kind: keyof typeof evaluation): Value {
    const name = this.write(file);
    try {
      return this.withText(code, (at, length) => this.library.qjs_eval(at, length, name.at, evaluation[kind]));
    } finally {
      this.library.wasm_free(name.at);
    }
  }

  /** A function inside that calls host function number `door`. */
  hostFunction(door: number): Value {
    return this.withText(String(door), (name, length) => this.library.qjs_new_host_function(name, length, 0));
  }

  /** Keeps a value under a name for good, also in copies. */
  keep(name: string, value: Value): void {
    this.kept[name] = value;
  }

  property({ at }: Value, name: string): Value {
    return this.withText(name, (text) => this.library.qjs_get_prop_string(at, text));
  }

  /** Calls a function. */
  apply(callee: Value, values: readonly Given[]): Value {
    const boxes = values.map((each) => this.box(each));
    const desk = this.at('desk');
    for (const [index, at] of boxes.entries()) this.memory.writeUInt32LE(at, desk + 4 * index);
    const result = this.library.qjs_call(callee.at, this.at('nothing'), boxes.length, desk);
    for (const [index, at] of boxes.entries())
      if (typeof values[index] === 'string' || typeof values[index] === 'number') this.library.qjs_free_value(at);
    return this.checked(result);
  }

  /** Calls a kept function: whether its result counts as true. */
  call(name: string, values: readonly Given[]): boolean {
    const result = this.apply({ at: this.at(name) }, values);
    const truth = this.library.qjs_get_bool(result.at) !== 0;
    this.free(result);
    return truth;
  }

  free({ at }: Value): void {
    this.library.qjs_free_value(at);
  }

  /** Runs the reactions of promises until there are none. */
  settle(): void {
    for (let done = 1; this.library.qjs_is_job_pending() !== 0; done += 1) {
      if (this.library.qjs_execute_pending_job() < 0) throw this.complaint();
      if (done % reactionsAtOnce === 0 && this.doors.interrupt()) throw this.complaint();
    }
  }

  private get memory(): Buffer {
    const { buffer } = this.library.memory;
    if (this.view.buffer !== buffer) this.view = Buffer.from(buffer);
    return this.view;
  }

  private at(name: string): number {
    return this.kept[name]?.at ?? 0;
  }

  private box(value: Given): number {
    if (value === undefined) return this.at('nothing');
    if (typeof value === 'object') return value.at;
    if (typeof value === 'number') return this.library.qjs_new_number(value);
    return this.withText(value, (text, length) => this.library.qjs_new_string(text, length)).at;
  }

  /** Lends a text to the interpreter, zero-terminated, and takes the value that it makes of it. */
  private withText(text: string, use: (at: number, length: number) => number): Value {
    const { at, length } = this.write(text);
    try {
      return this.checked(use(at, length));
    } finally {
      this.library.wasm_free(at);
    }
  }

  /** Writes a text, zero-terminated; it must be freed. */
  private write(text: string): { at: number; length: number } {
    const at = this.library.wasm_malloc(text.length * 3 + 1);
    if (at === 0) throw outOfMemory();
    const length = this.memory.write(text, at, 'utf8');
    this.memory[at + length] = 0;
    return { at, length };
  }

  private checked(at: number): Value {
    if (at === 0) throw outOfMemory();
    if (this.library.qjs_is_exception(at) === 0) return { at };
    this.library.qjs_free_value(at);
    throw this.complaint();
  }

  private plain(at: number): Plain {
    if (this.library.qjs_is_number(at) !== 0) return this.library.qjs_get_float64(at);
    if (this.library.qjs_is_string(at) === 0) return undefined;
    const text = this.library.qjs_get_string_len(at, this.at('desk'));
    if (text === 0) throw outOfMemory();
    const length = this.memory.readUInt32LE(this.at('desk'));
    const plain = length > this.doors.textBytes ? null : this.memory.toString('utf8', text, text + length);
    this.library.qjs_free_cstring(text);
    return plain;
  }

  private complaint(): Complaint | CellFailure {
    // Whoever overran its time is not listened to: reading an error may run code.
    if (this.doors.interrupt()) return new CellFailure('cpu', 'The module used all its processor time.');
    const error = this.library.qjs_get_exception();
    const read = (name: string): string => {
      const value = this.property({ at: error }, name);
      const text = this.plain(value.at);
      this.library.qjs_free_value(value.at);
      return typeof text === 'string' ? text : '';
    };
    try {
      const [name, message, stack] = [read('name'), read('message'), read('stack')];
      if (name === 'InternalError' && message === 'out of memory') return outOfMemory();
      return new Complaint({ name, message, stack });
    } catch (nested) {
      return nested instanceof CellFailure ? nested : new Complaint({ name: '', message: 'The module failed.', stack: '' });
    } finally {
      this.library.qjs_free_value(error);
    }
  }

  /** Lets our code work for the guest, and makes of a refusal an error of the guest. */
  private answering(work: () => number): number {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof CellFailure) || error.failure.kind !== 'code') throw error;
      const { library } = this;
      const made = this.checked(library.qjs_new_error());
      const [name, text] = [this.write('message'), this.box(error.message)];
      library.qjs_set_prop_string(made.at, name.at, text);
      library.wasm_free(name.at);
      for (const at of [text, library.qjs_throw(made.at), made.at]) library.qjs_free_value(at);
      return 0;
    }
  }

  /** What the interpreter asks of its host. It frees the texts that it gets. */
  private waysOut(): Record<string, (...numbers: number[]) => number> {
    const { doors } = this;
    return {
      host_call: (...numbers: number[]) =>
        this.answering(() => {
          // The name, its length, the receiver, how many arguments, and where their boxes are.
          const [name = 0, , , count = 0, boxes = 0] = numbers;
          const values = Array.from({ length: Math.min(count, mostValues) }, (_, index) =>
            this.plain(this.memory.readUInt32LE(boxes + 4 * index)),
          );
          // The names of host functions are digits.
          const answer = doors.called((this.memory[name] ?? 0) - 48, values);
          return answer === undefined ? this.library.qjs_dup_value(this.at('nothing')) : this.box(answer);
        }),
      host_interrupt: () => (doors.interrupt() ? 1 : 0),
      host_module_normalize: (from = 0, specifier = 0) =>
        this.answering(() => this.write(doors.resolve(this.textAt(from), this.textAt(specifier))).at),
      host_module_load: (name = 0, lengthAt = 0) =>
        this.answering(() => {
          const { at, length } = this.write(doors.source(this.textAt(name)));
          this.memory.writeUInt32LE(length, lengthAt);
          return at;
        }),
      host_promise_rejection: (promise = 0, reason = 0) => {
        for (const at of [promise, reason]) this.library.qjs_free_value(at);
        return 0;
      },
      host_get_timezone_offset: () => 0,
    };
  }

  private textAt(at: number): string {
    return this.memory.toString('utf8', at, this.memory.indexOf(0, at));
  }

  /** The operating system of a machine: a clock that tells milliseconds, chance, and nowhere to write to. @see https://github.com/WebAssembly/WASI */
  private system(still: boolean): Record<string, (...values: never[]) => number> {
    return {
      clock_time_get: (_clock: number, _precision: bigint, at: number) => {
        this.memory.writeBigUInt64LE(still ? 0n : BigInt(Date.now()) * 1_000_000n, at);
        return wasiSuccess;
      },
      random_get: (at: number, length: number) => {
        const place = this.memory.subarray(at, at + length);
        if (still) place.fill(0);
        else randomFillSync(place);
        return wasiSuccess;
      },
      // Standard output belongs to the runner: what a machine wrote there would be taken for reports.
      fd_write: () => wasiBadDescriptor,
      fd_close: () => wasiBadDescriptor,
      fd_fdstat_get: () => wasiBadDescriptor,
      fd_seek: () => wasiBadDescriptor,
    };
  }
}
