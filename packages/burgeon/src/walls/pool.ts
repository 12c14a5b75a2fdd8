import { availableParallelism } from 'node:os';
import type { Runner } from './runner.ts';

/** Which modules may share a process. */
export interface Group {
  /** True once approved: only then is code compiled to machine code. */
  trusted: boolean;
  /** Modules of different labels never share a process. */
  label: string;
}

/** How a pool makes its runners and how full they get. */
export interface PoolOptions {
  start(trusted: boolean): Promise<Runner>;
  /** Modules in one runner at most. */
  capacity?: number;
  /** Modules in one runner before another is started beside it. */
  comfortable?: number;
  /** Makes a runner ready for its first module, so that this one does not wait for what is done once. */
  warm?(runner: Runner): Promise<void>;
  /** False where runners are made for one module and cannot wait for the next. */
  spare?: boolean;
}

/** Runners of one group before they get fuller than comfortable. */
const perGroup = availableParallelism() * 2;

/** A runner is kept warm only in a process that lives long enough to need it. */
const spareAfterMs = 400;

/** Memory of a runner above which no more modules come in, bytes. */
const fullBytes = 400 * 1024 * 1024;

interface Shelf {
  starting: Promise<Runner>;
  runner: Runner | undefined;
  tenants: number;
}

/** Runners by group, and one warm spare for each degree of trust. A runner ends with its last module; one that held anybody is never handed on. */
export class RunnerPool {
  private readonly options: Required<Omit<PoolOptions, 'warm'>> & Pick<PoolOptions, 'warm'>;
  private readonly groups = new Map<string, Shelf[]>();
  private readonly spares = new Map<boolean, Promise<Runner>>();
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(options: PoolOptions) {
    this.options = { capacity: 128, comfortable: 8, spare: true, ...options };
  }

  /** A runner that is alive. Each call is one tenancy, ended by `leave`. @throws {BurgeonError} DEPENDENCY_MISSING */
  async enter(group: Group): Promise<Runner> {
    const key = `${group.trusted} ${group.label}`;
    const shelves = this.groups.get(key) ?? [];
    this.groups.set(key, shelves);
    const shelf = this.choose(shelves) ?? this.open(shelves, group.trusted);
    shelf.tenants += 1;
    try {
      shelf.runner = await shelf.starting;
    } catch (error) {
      this.forget(shelf);
      throw error;
    }
    if (shelf.runner.alive) return shelf.runner;
    this.forget(shelf);
    return this.enter(group);
  }

  /** Ends one tenancy; the last one out closes the runner. */
  async leave(runner: Runner): Promise<void> {
    const shelf = this.shelfOf(runner);
    if (!shelf) return;
    shelf.tenants -= 1;
    if (shelf.tenants > 0 && runner.alive) return;
    this.forget(shelf);
    // After a fall everybody comes back at once, and then the spare is what is wanted.
    if (this.groups.size === 0 && runner.alive) await this.dropSpares();
    if (shelf.tenants <= 0) await runner.close();
  }

  /** Every runner that holds modules. */
  runners(): Runner[] {
    return [...this.groups.values()].flat().flatMap(({ runner }) => (runner ? [runner] : []));
  }

  private choose(shelves: Shelf[]): Shelf | undefined {
    const open = shelves.filter(({ runner, tenants }) => {
      if (tenants >= this.options.capacity || runner?.alive === false) return false;
      return runner === undefined || tenants <= this.options.comfortable || runner.usage().memoryBytes < fullBytes;
    });
    const least = open.toSorted((a, b) => a.tenants - b.tenants)[0];
    return least && (least.tenants < this.options.comfortable || shelves.length >= perGroup) ? least : undefined;
  }

  private open(shelves: Shelf[], trusted: boolean): Shelf {
    const spare = this.spares.get(trusted);
    this.spares.delete(trusted);
    const starting = (spare ?? Promise.reject(new Error('none'))).then(
      (runner) => (runner.alive ? (runner.ref(), runner) : this.options.start(trusted)),
      () => this.options.start(trusted),
    );
    const shelf: Shelf = { starting, runner: undefined, tenants: 0 };
    shelves.push(shelf);
    if (this.options.spare) this.keepSpare(trusted);
    return shelf;
  }

  private keepSpare(trusted: boolean): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (this.spares.has(trusted) || this.groups.size === 0) return;
      const spare = this.options.start(trusted).then(async (runner) => {
        await this.options.warm?.(runner);
        return runner;
      });
      this.spares.set(trusted, spare);
      spare.then(
        (runner) => runner.unref(),
        () => this.spares.delete(trusted),
      );
    }, spareAfterMs).unref();
    this.timers.add(timer);
  }

  private async dropSpares(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    const spares = [...this.spares.values()];
    this.spares.clear();
    for (const spare of spares) await spare.then((runner) => runner.close()).catch(() => {});
  }

  private shelfOf(runner: Runner): Shelf | undefined {
    for (const shelves of this.groups.values()) for (const shelf of shelves) if (shelf.runner === runner) return shelf;
    return undefined;
  }

  private forget(shelf: Shelf): void {
    for (const [key, shelves] of this.groups) {
      const rest = shelves.filter((each) => each !== shelf);
      if (rest.length === 0) this.groups.delete(key);
      else this.groups.set(key, rest);
    }
  }
}
