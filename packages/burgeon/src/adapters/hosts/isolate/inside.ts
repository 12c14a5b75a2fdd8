/** The engine of the isolate host. It runs inside the jail: one V8 heap for each module. */
import { createRequire } from 'node:module';
import { type Cell, CellFailure, type CellPlan, type Doors, type Engine } from '../../../walls/inside/cell.ts';
import { takeUrlApart } from '../../../walls/inside/url.ts';
import { guestFailure, placeIn } from '../../../walls/javascript/failure.ts';
import { guestSource } from '../../../walls/javascript/guest.ts';
import { joined } from '../../../walls/javascript/joined.ts';
import type { Script } from '../../../walls/javascript/script.ts';
import type { EngineContext, EngineIsolate, EngineLibrary, EngineModule, EngineReference, EngineScript } from './library.ts';

/** Milliseconds of one uninterrupted stretch of guest code while it is being set up. */
const setupMs = 2_000;

const megabyte = 1024 * 1024;

/** A stretch of at least this many milliseconds is followed by a look at the memory. */
const longStretchMs = 1;

const glueText = `(function ($0, $1, $2, $3, $4, $5) {${guestSource}})`;

let glueCode: object | undefined;

/** The glue, compiled once in this process from our own text; what the engine makes of it is never taken from anywhere else. */
const compileGlue = (isolate: EngineIsolate): EngineScript => {
  const known = glueCode === undefined ? { produceCachedData: true } : { cachedData: glueCode };
  const script = isolate.compileScriptSync(glueText, { filename: 'guest', ...known });
  glueCode ??= script.cachedData;
  return script;
};

/** One module in one heap. */
class IsolateCell implements Cell {
  private readonly isolate: EngineIsolate;
  private readonly plan: CellPlan;
  private readonly doors: Doors;
  private readonly open = new Set<number>();
  /** Processor time that the open orders have left together, milliseconds. */
  private leftMs = 0;
  private starting = true;
  private runIn: EngineReference | undefined;
  private answerIn: EngineReference | undefined;

  constructor(library: EngineLibrary, plan: CellPlan, doors: Doors) {
    this.plan = plan;
    this.doors = doors;
    this.isolate = new library.Isolate({
      memoryLimit: Math.max(8, Math.ceil(plan.memoryBytes / megabyte)),
      // The heap is beyond repair: nothing of this process can be trusted any more.
      onCatastrophicError: () => process.abort(),
    });
  }

  /** Runs the guest's glue and then the module, which answers to `id` once it has started. */
  load(library: EngineLibrary, id: number): void {
    this.stretch(id, setupMs, () => {
      const context = this.isolate.createContextSync();
      const { seed, stateVersion } = this.plan;
      const make = compileGlue(this.isolate).runSync(context, { reference: true, timeout: setupMs });
      const glue = make.applySync(undefined, [...this.waysOut(library), seed, stateVersion], {
        result: { reference: true },
        timeout: setupMs,
      }) as EngineReference;
      this.runIn = glue.getSync('run', { reference: true });
      this.answerIn = glue.getSync('answer', { reference: true });
      this.start(context, id);
    });
    this.starting = false;
  }

  run(order: number, id: number, head: string, body: string): undefined {
    this.stretch(id, this.plan.cpuMs, (timeout) => this.runIn?.applySync(undefined, [order, id, head, body], { timeout }));
  }

  answer(question: number, ok: boolean, value: string): undefined {
    this.stretch(undefined, this.plan.cpuMs, (timeout) =>
      this.answerIn?.applySync(undefined, [question, ok, value], { timeout }),
    );
  }

  close(): void {
    if (!this.isolate.isDisposed) this.isolate.dispose();
  }

  private waysOut(library: EngineLibrary): object[] {
    const { doors } = this;
    const settled = (id: unknown, kind: unknown, text: unknown): void => {
      // Whatever the guest got hold of, only its own open orders can be settled, and only with text.
      if (typeof id !== 'number' || !this.open.delete(id) || typeof text !== 'string') return;
      if (kind === undefined) doors.done(id, text);
      else doors.failed(id, guestFailure(kind, text));
    };
    const ask = (question: number, kind: string, method: string, args: string): void =>
      doors.host(Number(question), String(kind), String(method), String(args));
    return [
      new library.Callback(settled),
      new library.Callback(ask),
      new library.Callback((line: string) => doors.log(String(line))),
      new library.Callback((request: string) => takeUrlApart(String(request))),
    ];
  }

  private start(context: EngineContext, id: number): void {
    const { files, entry, powers } = this.plan.program as Script;
    // The text is in the guest's heap from here on.
    this.plan.program = undefined;
    const modules = new Map<string, EngineModule>();
    const paths = new Map<EngineModule, string>();
    const add = (path: string, source: string, filename: string): void => {
      const module = this.isolate.compileModuleSync(source, { filename });
      modules.set(path, module);
      paths.set(module, path);
    };
    for (const { path, source } of files) add(path, source, `module:/${path}`);
    for (const { specifier, kind, name } of powers)
      add(specifier, `export const ${name} = globalThis.$capability(${JSON.stringify(kind)});`, 'guest');
    const boot = `import * as module from ${JSON.stringify(entry)}; globalThis.$register(module, ${id});`;
    add('', boot, 'guest');
    const resolve = (specifier: string, referrer: EngineModule): EngineModule => {
      const from = paths.get(referrer) ?? '';
      const relative = from !== '' && /^\.\.?\//.test(specifier);
      const path = relative ? joined(from, specifier) : specifier;
      const found = path === undefined || path === '' ? undefined : modules.get(path);
      if (found && (relative || from === '' || powers.some((power) => power.specifier === specifier))) return found;
      throw new CellFailure(
        'code',
        `"${from}" imports "${specifier.slice(0, 200)}", which is neither in the bundle nor granted.`,
      );
    };
    const main = modules.get('');
    main?.instantiateSync(context, resolve);
    main?.evaluateSync({ timeout: Math.min(this.plan.cpuMs, setupMs) });
  }

  /** Runs guest code, counts its time against the open orders, and says in our words why it was stopped. */
  private stretch(id: number | undefined, grantedMs: number, work: (timeout: number) => unknown): void {
    if (this.isolate.isDisposed) throw new CellFailure('gone', 'The module is not loaded.');
    if (id !== undefined) {
      this.leftMs = (this.open.size === 0 ? 0 : this.leftMs) + grantedMs;
      this.open.add(id);
    }
    const begun = performance.now();
    try {
      work(Math.max(1, Math.ceil(Math.min(grantedMs, this.leftMs))));
    } catch (error) {
      const failure = this.explain(error);
      // The way in never throws: what arrives here is a rejection that nobody in the guest waited for, unless the module is still being started.
      if (failure.failure.kind !== 'code' || (this.starting && this.open.has(id ?? 0))) throw failure;
      this.doors.log(`A rejection was not handled: ${failure.message}`);
    }
    const tookMs = performance.now() - begun;
    this.leftMs -= tookMs;
    if (tookMs >= longStretchMs) this.weigh();
  }

  private weigh(): void {
    if (this.isolate.isDisposed) throw new CellFailure('memory', 'The module used all its memory.');
    const { total_heap_size: heap, externally_allocated_size: outside } = this.isolate.getHeapStatisticsSync();
    if (heap + outside > this.plan.hardMemoryBytes) throw new CellFailure('memory', 'The module used all its memory.');
    if (this.leftMs <= 0 && this.open.size > 0) throw new CellFailure('cpu', 'The module used all its processor time.');
  }

  private explain(error: unknown): CellFailure {
    if (error instanceof CellFailure) return error;
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    if (/execution timed out/i.test(message)) return new CellFailure('cpu', 'The module used all its processor time.');
    if (/memory limit|allocation failed/i.test(message)) return new CellFailure('memory', 'The module used all its memory.');
    if (this.isolate.isDisposed) return new CellFailure('gone', 'The module was unloaded.');
    const place = placeIn(stack) ?? placeIn(message);
    return new CellFailure('code', message.slice(0, 2_000), place === undefined ? {} : { place });
  }
}

/** `options`: path of the native library. */
export const engine: Engine = ([path = '']) => {
  const { ivm: library } = createRequire(import.meta.url)(path) as { ivm: EngineLibrary };
  return (plan, doors, id) => {
    const cell = new IsolateCell(library, plan, doors);
    try {
      cell.load(library, id);
    } catch (error) {
      cell.close();
      throw error;
    }
    return { cell, rest: undefined };
  };
};
