/** Guests that are written for us. @see docs/abi.md, section WebAssembly */
import { GuestMemory, Misbehaviour, unpacked } from './guest-memory.ts';
import {
  type Guest,
  type Outcome,
  type WasmExports,
  type WasmFunction,
  type WasmImports,
  type WasmMemory,
  type WasmProgram,
  type World,
  wasm,
} from './library.ts';

/** Characters in front of a text that says how something went. */
const marks = { done: '+', failed: '-' } as const;

/** Loads a module and lets it begin; the promise is there only when it may wait for the host. */
export const openGuest = (module: object, program: WasmProgram, world: World): Guest | Promise<Guest> => {
  const waits = program.imports.some(({ kind }) => kind !== undefined);
  const held: { memory?: GuestMemory } = {};
  const reach = (): GuestMemory => {
    // What a start function calls comes before there is a memory to look at.
    if (!held.memory) throw new Misbehaviour('It called out while it was being started.');
    return held.memory;
  };
  const { exports } = new wasm.Instance(module, importsOf(program, world, reach));
  const entered = (name: string): WasmFunction => {
    const work = exports[name] as WasmFunction;
    return waits ? wasm.promising(work) : work;
  };
  held.memory = new GuestMemory(exports['memory'] as WasmMemory, exports['alloc'] as WasmFunction);
  const guest = guestOf(held.memory, entered('invoke'), { exports, program });
  const begins = ['_initialize', 'init'].filter((name) => exports[name] !== undefined).map(entered);
  if (!waits) {
    for (const begin of begins) begin();
    return guest;
  }
  return begins
    .reduce(async (before, begin) => {
      await before;
      await begin();
    }, Promise.resolve())
    .then(() => guest);
};

const guestOf = (
  memory: GuestMemory,
  invoke: WasmFunction,
  { exports, program }: { exports: WasmExports; program: WasmProgram },
): Guest => {
  const free = exports['free'] as WasmFunction | undefined;
  const outcome = (value: unknown): Outcome => {
    if (value === 0n) return { kind: 'unknown' };
    const [pointer, length] = unpacked(value);
    const isLarge = length > program.resultBytes + 1;
    const text = isLarge ? '' : memory.text(pointer, length);
    if (free) memory.atOnce(free, pointer, length);
    if (isLarge) return { kind: 'large' };
    if (text.startsWith(marks.done)) return { kind: 'done', json: text.slice(1) };
    if (text.startsWith(marks.failed)) return { kind: 'failed', json: text.slice(1) };
    throw new Misbehaviour(`Its answer begins with neither "${marks.done}" nor "${marks.failed}".`);
  };
  return {
    run: (order, head, body) => {
      const given = [...memory.put(head), ...memory.put(body)];
      const value = invoke(order, ...given);
      return value instanceof Promise ? value.then(outcome) : outcome(value);
    },
    memoryBytes: () => memory.bytes,
  };
};

const importsOf = (program: WasmProgram, world: World, memory: () => GuestMemory): WasmImports => {
  const imports: WasmImports = {};
  for (const { module, name, kind, method = '' } of program.imports) {
    (imports[module] ??= {})[name] =
      kind === undefined
        ? harmless(name, world, memory)
        : kind === ''
          ? sleepOf(world, memory)
          : askingFor([kind, method], world, memory);
  }
  return imports;
};

/** What reaches nobody. */
export const harmless = (name: string, world: World, memory: () => GuestMemory): object => {
  switch (name) {
    case 'log':
      return (pointer: number, length: number): void => world.log(memory().line(pointer, length));
    case 'seed':
      return (): number => world.chance() * 2 ** 32;
    default:
      return abortOf(memory);
  }
};

/** What AssemblyScript calls when an error is thrown. */
const abortOf =
  (memory: () => GuestMemory) =>
  (message: number, file: number, line: number, column: number): never => {
    const reach = memory();
    const place = `${reach.wideText(file) ?? 'unknown'}:${line >>> 0}:${column >>> 0}`;
    throw new Misbehaviour(reach.wideText(message) ?? 'It ended itself.', { place });
  };

/** What must wait cannot be done while the guest only does something for us. It throws at once: nobody would hear of a promise. */
const requireWaiting = (memory: GuestMemory): GuestMemory => {
  if (memory.busy) throw new Misbehaviour('It asked the host for something in a function that must not wait.');
  return memory;
};

const sleepOf = (world: World, memory: () => GuestMemory): object =>
  new wasm.Suspending((ms: number): Promise<unknown> => {
    requireWaiting(memory());
    return world.ask('', 'sleep', JSON.stringify([Number.isFinite(ms) ? ms : 0])).then(() => undefined);
  });

const askingFor = ([kind, method]: [string, string], world: World, memory: () => GuestMemory): object =>
  new wasm.Suspending((pointer: number, length: number): Promise<bigint> => {
    const reach = requireWaiting(memory());
    return world.ask(kind, method, reach.text(pointer, length)).then(({ ok, json }) => {
      const [at, size] = reach.put((ok ? marks.done : marks.failed) + json);
      return (BigInt(at) << 32n) | BigInt(size);
    });
  });
