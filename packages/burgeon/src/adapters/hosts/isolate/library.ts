/** The part of `isolated-vm` that is used. It is loaded inside the jail by its path, so its own types cannot be imported. @see https://github.com/laverdet/isolated-vm */
export interface EngineLibrary {
  Isolate: new (options: { memoryLimit: number; onCatastrophicError?: (message: string) => void }) => EngineIsolate;
  Callback: new (run: (...args: never[]) => unknown) => object;
}

/** Bytes outside any heap. */
type EngineCopy = object;

/** A compiled script. */
export interface EngineScript {
  cachedData?: EngineCopy;
  runSync(context: EngineContext, options: { reference: true; timeout: number }): EngineReference;
}

/** One heap. */
export interface EngineIsolate {
  readonly isDisposed: boolean;
  createContextSync(): EngineContext;
  compileScriptSync(
    source: string,
    options: { filename: string; cachedData?: EngineCopy; produceCachedData?: boolean },
  ): EngineScript;
  compileModuleSync(source: string, options: { filename: string }): EngineModule;
  getHeapStatisticsSync(): { total_heap_size: number; externally_allocated_size: number };
  dispose(): void;
}

/** One global object. */
export type EngineContext = object;

/** One compiled file. */
export interface EngineModule {
  instantiateSync(context: EngineContext, resolve: (specifier: string, referrer: EngineModule) => EngineModule): void;
  evaluateSync(options: { timeout: number }): unknown;
}

/** A value that stays inside. */
export interface EngineReference {
  getSync(name: string, options: { reference: true }): EngineReference;
  applySync(receiver: undefined, args: readonly unknown[], options: { timeout: number; result?: { reference: true } }): unknown;
}
