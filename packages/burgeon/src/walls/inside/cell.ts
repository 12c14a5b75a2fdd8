/** What a runner's engine must be able to do. Everything here runs inside the jail. */

/** Why an order could not be carried out. */
export interface Failure {
  kind: 'thrown' | 'missing' | 'memory' | 'cpu' | 'result' | 'code' | 'gone';
  message: string;
  /** `file:line:column` of the first frame inside the module. */
  place?: string;
  /** Facts an error of the guest carried, as JSON. */
  data?: string;
}

/** A failure on its way to the control plane. `fatal` when the cell is of no more use. */
export class CellFailure extends Error {
  readonly failure: Failure;

  constructor(kind: Failure['kind'], message: string, more: Pick<Failure, 'place' | 'data'> = {}) {
    super(message);
    this.failure = { kind, message: message.slice(0, 4_000), ...more };
  }
}

/** How a cell reaches the world. */
export interface Doors {
  /** The result of an order, as JSON. */
  done(id: number, value: string): void;
  failed(id: number, failure: Failure): void;
  /** Asks the host; the answer comes through {@link Cell.answer} under the same number. */
  host(question: number, kind: string, method: string, args: string): void;
  log(text: string): void;
}

/** `undefined` when the guest has come to rest (it answered, failed, or waits for an answer), else a promise of that. */
export type Rest = Promise<void> | undefined;

/** One module inside a runner. What throws a {@link CellFailure} of kind `cpu`, `memory` or `gone` has ended. */
export interface Cell {
  /** Carries out one of `orders`: call, message, snapshot, restore or dispose. Result and failure go through the doors, now or later. */
  run(order: number, id: number, head: string, body: string): Rest;
  /** The host's answer to a question, as JSON. */
  answer(question: number, ok: boolean, value: string): Rest;
  close(): void;
}

/** What the engine is told: numbers it needs, and what it alone understands. */
export interface CellPlan {
  /** Heap, bytes. */
  memoryBytes: number;
  /** Everything, bytes. */
  hardMemoryBytes: number;
  /** Processor time of one uninterrupted stretch, milliseconds. */
  cpuMs: number;
  /** Characters of a result at most. */
  resultLength: number;
  /** Questions to the host that may be open, and those within a second. */
  pendingCalls: number;
  hostCallsPerSecond: number;
  /** Version of the state this module keeps; absent when it keeps none. */
  stateVersion?: number;
  /** Makes chance repeatable. */
  seed?: number;
  /** For the engine. */
  program: unknown;
}

/** Makes a cell, already loaded or on its way: `done(id)` or `failed(id)` follow. Throws {@link CellFailure} when it cannot be loaded. */
export type OpenCell = (plan: CellPlan, doors: Doors, id: number) => { cell: Cell; rest: Rest };

/** What an engine's file exports as `engine`. `options` are its own, as the host gave them. */
export type Engine = (options: readonly string[]) => OpenCell | Promise<OpenCell>;
