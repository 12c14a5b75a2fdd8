import { RunnerProcess } from './runner-process.ts';

/** How far code is trusted; code of different trust never shares a process. */
export type Trust = 'approved' | 'unapproved';

interface Shelf {
  starting: Promise<RunnerProcess>;
  tenants: number;
}

/** Runners by trust. A runner ends with its last tenant. */
export class RunnerPool {
  private readonly shelves = new Map<Trust, Shelf>();

  /** A runner that is alive; started when there is none. Each call is one tenancy. @throws {BurgeonError} DEPENDENCY_MISSING */
  async enter(trust: Trust): Promise<RunnerProcess> {
    const shelf = this.shelves.get(trust);
    if (shelf) {
      const runner = await shelf.starting.catch(() => undefined);
      if (runner?.alive) {
        shelf.tenants += 1;
        return runner;
      }
      if (this.shelves.get(trust) === shelf) this.shelves.delete(trust);
      return this.enter(trust);
    }
    const made: Shelf = { starting: RunnerProcess.start({ jit: trust === 'approved' }), tenants: 1 };
    this.shelves.set(trust, made);
    return made.starting.catch((error: unknown) => {
      this.shelves.delete(trust);
      throw error;
    });
  }

  /** Ends one tenancy; the last one out closes the runner. */
  async leave(trust: Trust, runner: RunnerProcess): Promise<void> {
    const shelf = this.shelves.get(trust);
    if (!shelf || (await shelf.starting.catch(() => undefined)) !== runner) return runner.alive ? undefined : runner.close();
    shelf.tenants -= 1;
    if (shelf.tenants > 0) return;
    if (this.shelves.get(trust) === shelf) this.shelves.delete(trust);
    await runner.close();
  }
}
