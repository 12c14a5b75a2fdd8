import type { JsonObject, JsonValue } from '@burgeon/kit';

/** Something that runs a module's code: one of our hosts, or what others have. */
export interface Contender {
  name: string;
  /** Starts it, with nothing loaded. */
  open(): Promise<Stage>;
  /** What it loads, in words, where that is not the text that everybody else runs. Processor-bound work is then not compared. */
  program?: string;
  /** More modules than this cannot be had in reasonable time or memory. */
  mostModules?: number;
}

/** A contender that stands. */
export interface Stage {
  /** Loads a module; `id` is `skill/name`. */
  load(id: string): Promise<LoadedModule>;
  /** Resident memory of everything that runs modules, bytes, shared pages divided among those who share; 0 where nobody can tell. */
  memoryBytes(): number;
  close(): Promise<void>;
}

/** A loaded module. */
export interface LoadedModule {
  call(operation: string, input: JsonObject): Promise<JsonValue>;
  close(): Promise<void>;
}
