/** The part of `isolated-vm` that is used. The library is optional, so its own types cannot be imported. @see https://github.com/laverdet/isolated-vm */
export interface Engine {
  Isolate: new (options: { memoryLimit: number; onCatastrophicError?: (message: string) => void }) => EngineIsolate;
  Callback: new (run: (...args: never[]) => unknown, options: { sync?: true; async?: true; ignored?: true }) => object;
}

/** One heap. */
export interface EngineIsolate {
  readonly cpuTime: bigint;
  readonly isDisposed: boolean;
  createContext(): Promise<EngineContext>;
  compileModule(source: string, options: { filename: string }): Promise<EngineModule>;
  dispose(): void;
}

/** One global object. */
export interface EngineContext {
  evalClosure(source: string, args: readonly unknown[], options: Record<string, unknown>): Promise<unknown>;
}

/** One compiled file. */
export interface EngineModule {
  readonly dependencySpecifiers: string[];
  readonly namespace: EngineReference;
  instantiate(
    context: EngineContext,
    resolve: (specifier: string, referrer: EngineModule) => EngineModule | Promise<EngineModule>,
  ): Promise<void>;
  evaluate(options: { promise: true; copy: true; timeout: number }): Promise<unknown>;
}

/** A value that stays inside. */
export interface EngineReference {
  getSync(name: string, options: { reference: true }): EngineReference;
  derefInto(): unknown;
  apply(receiver: undefined, args: readonly unknown[], options: Record<string, unknown>): Promise<unknown>;
}
