import type { Engine, EngineIsolate, EngineModule, EngineReference } from './engine.ts';
import { guestSource } from './guest.ts';
import type { CellPlan, Failure } from './messages.ts';

/** How a cell reaches the world. */
export interface CellDoors {
  host(kind: string, method: string, args: string): Promise<string>;
  log(text: string): void;
}

/** Milliseconds of one uninterrupted stretch of guest code while it is being set up. */
const setupMs = 2_000;

const cpuPollMs = 25;

/** The longest a timer can be. */
const longestMs = 2 ** 31 - 1;

/** A failure on its way to the control plane. */
export class CellFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

const fail = (kind: Failure['kind'], message: string): CellFailure => new CellFailure({ kind, message });

/** What guest code answers; text from a hostile place, so every field is looked at. */
interface GuestAnswer {
  ok?: boolean;
  missing?: boolean;
  value?: unknown;
  error?: { message?: unknown; name?: unknown; stack?: unknown; data?: unknown };
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Frames of the module look like `file:///module/index.ts:3:9`. */
const placeIn = (stack: string | undefined): string | undefined =>
  /module:\/([^\s():]{1,240}:\d{1,7}:\d{1,7})/.exec(stack ?? '')?.[1];

/** One module in one heap. */
export class Cell {
  private readonly isolate: EngineIsolate;
  private readonly plan: CellPlan;
  private entrance: EngineReference | undefined;
  private spent: 'cpu' | undefined;

  private constructor(isolate: EngineIsolate, plan: CellPlan) {
    this.isolate = isolate;
    this.plan = plan;
  }

  /** Makes the heap, runs the guest's glue and then the module. @throws {CellFailure} when the module cannot be loaded */
  static async open(engine: Engine, plan: CellPlan, doors: CellDoors): Promise<Cell> {
    const isolate = new engine.Isolate({
      memoryLimit: Math.max(8, plan.memoryMb),
      // The heap is beyond repair: nothing of this process can be trusted any more.
      onCatastrophicError: () => process.kill(process.pid, 'SIGKILL'),
    });
    const cell = new Cell(isolate, plan);
    try {
      await cell.bounded(() => cell.load(engine, doors));
      return cell;
    } catch (error) {
      cell.close();
      throw error;
    }
  }

  /** Calls one operation; gives JSON text. @throws {CellFailure} */
  call(name: string, input: string): Promise<string> {
    return this.enter('call', [name, input]);
  }

  /** @throws {CellFailure} */
  snapshot(): Promise<string> {
    return this.enter('snapshot', []);
  }

  /** @throws {CellFailure} */
  restore(state: string): Promise<string> {
    return this.enter('restore', [state]);
  }

  close(): void {
    try {
      this.isolate.dispose();
    } catch {
      // Disposed already.
    }
  }

  private async load(engine: Engine, doors: CellDoors): Promise<void> {
    const context = await this.isolate.createContext();
    const way: { in?: EngineReference } = {};
    const answer = (id: number, text: string): void => {
      if (this.isolate.isDisposed) return;
      way.in?.apply(undefined, [id, text], { timeout: this.plan.cpuMs }).catch(() => {});
    };
    const out = [
      new engine.Callback(
        (id: number, kind: string, method: string, args: string) =>
          void doors.host(kind, method, args).then((text) => answer(id, text)),
        { ignored: true },
      ),
      new engine.Callback((line: string) => doors.log(line), { ignored: true }),
      new engine.Callback(
        (id: number, ms: number) => void setTimeout(() => answer(id, ''), Math.min(Math.max(ms, 0), longestMs)).unref(),
        { ignored: true },
      ),
      new engine.Callback(parseUrl, { sync: true }),
    ];
    const glue = (await context.evalClosure(guestSource, out, {
      result: { reference: true },
      timeout: setupMs,
      filename: 'guest',
    })) as EngineReference;
    way.in = glue.getSync('settle', { reference: true });
    const modules = await this.compile();
    const entry = modules.get(this.plan.entry);
    if (!entry) throw fail('code', `There is no file "${this.plan.entry}".`);
    await entry.instantiate(context, (specifier, referrer) => this.resolve(specifier, referrer, modules));
    await entry.evaluate({ promise: true, copy: true, timeout: Math.min(this.plan.cpuMs, setupMs) });
    const register = glue.getSync('register', { reference: true });
    const found = await register.apply(undefined, [entry.namespace.derefInto()], { timeout: setupMs });
    if (found !== true) throw fail('code', `"${this.plan.entry}" does not export "operations".`);
    this.entrance = glue;
  }

  private async compile(): Promise<Map<string, EngineModule>> {
    const modules = new Map<string, EngineModule>();
    for (const { path, source } of this.plan.files)
      modules.set(path, await this.isolate.compileModule(source, { filename: `module:/${path}` }));
    for (const { specifier, kind, name } of this.plan.capabilities) {
      const source = `export const ${name} = globalThis.$capability(${JSON.stringify(kind)});`;
      modules.set(specifier, await this.isolate.compileModule(source, { filename: 'guest' }));
    }
    return modules;
  }

  private resolve(specifier: string, referrer: EngineModule, modules: Map<string, EngineModule>): EngineModule {
    const from = [...modules].find(([, module]) => module === referrer)?.[0] ?? '';
    const path = specifier.startsWith('./') || specifier.startsWith('../') ? joined(from, specifier) : specifier;
    const found = path === undefined ? undefined : modules.get(path);
    if (found) return found;
    throw fail('code', `"${from}" imports "${specifier.slice(0, 200)}", which is neither in the bundle nor granted.`);
  }

  private async enter(method: string, args: string[]): Promise<string> {
    if (!this.entrance || this.isolate.isDisposed) throw fail('gone', 'The module is not loaded.');
    const run = this.entrance.getSync(method, { reference: true });
    const answer = await this.bounded(() =>
      run.apply(undefined, args, { result: { promise: true, copy: true }, timeout: this.plan.cpuMs }),
    );
    if (typeof answer !== 'string') throw fail('result', 'The module answered something that is no text.');
    if (answer.length > this.plan.resultLength)
      throw fail('result', `The result is longer than ${this.plan.resultLength} characters.`);
    const { ok, missing, value, error = {} } = JSON.parse(answer) as GuestAnswer;
    if (missing === true) throw fail('missing', `The module has no operation "${args[0]}".`);
    if (ok === true && typeof value === 'string') return value;
    const place = placeIn(text(error.stack));
    const data = text(error.data);
    throw new CellFailure({
      kind: 'thrown',
      message: text(error.message) ?? 'The module failed.',
      ...(place === undefined ? {} : { place }),
      ...(data === undefined ? {} : { data }),
    });
  }

  /** Runs guest code with an eye on its processor time, and says in our words why it was stopped. */
  private async bounded<T>(run: () => Promise<T>): Promise<T> {
    const begun = this.isolate.cpuTime;
    const watch = setInterval(() => this.judgeTime(begun), cpuPollMs);
    try {
      return await run();
    } catch (error) {
      throw error instanceof CellFailure ? error : this.explain(error);
    } finally {
      clearInterval(watch);
    }
  }

  private judgeTime(begun: bigint): void {
    if (this.isolate.isDisposed || Number(this.isolate.cpuTime - begun) / 1e6 <= this.plan.cpuMs) return;
    this.spent = 'cpu';
    this.close();
  }

  private explain(error: unknown): CellFailure {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    if (this.spent === 'cpu' || /execution timed out/i.test(message)) {
      this.close();
      return fail('cpu', 'The module used all its processor time.');
    }
    if (/memory limit|allocation failed/i.test(message)) return fail('memory', 'The module used all its memory.');
    if (this.isolate.isDisposed) return fail('gone', 'The module was unloaded.');
    const place = placeIn(stack) ?? placeIn(message);
    return new CellFailure({ kind: 'code', message: message.slice(0, 2_000), ...(place === undefined ? {} : { place }) });
  }
}

/** A relative specifier as a path of the bundle; undefined when it climbs out. */
const joined = (from: string, specifier: string): string | undefined => {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '..' && part !== '.') parts.push(part);
  }
  return parts.join('/');
};

/** Takes an address apart, after changing one field when asked; `null` when it is none. Text in, text out. */
const parseUrl = (request: string): string => {
  try {
    const [href, base, field, value] = JSON.parse(request) as [string, string | null, string | null, string | null];
    const url = new URL(href, base ?? undefined);
    const fields = ['protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'] as const;
    const wanted = fields.find((each) => each === field);
    if (wanted !== undefined && typeof value === 'string') url[wanted] = value;
    return JSON.stringify({ href: url.href, origin: url.origin, ...Object.fromEntries(fields.map((each) => [each, url[each]])) });
  } catch {
    return 'null';
  }
};
