import { powerImports } from '../../../security/capability-imports.ts';

/** What each capability offers, in the words of the code that imports it. Values cross a wall: they are JSON. */
const offers: Readonly<Record<string, string>> = {
  'net.http': `{
    /** \`auth\` names a granted secret, which the host puts in; \`as\` says how bytes of the answer become text. */
    fetch(url: string, init?: { method?: string; headers?: Record<string, string>; body?: string | { base64: string }; as?: 'text' | 'base64'; auth?: string }): Promise<{ status: number; headers: Record<string, string>; body: string }>;
  }`,
  'net.socket': `{ send(host: string, text: string): Promise<string> }`,
  db: `{ query(statement: string, parameters?: unknown[]): Promise<unknown[]> }`,
  bus: `{
    /** To every module that takes the topic; the answer does not wait until they have worked on it. */
    publish(topic: string, body: unknown, options?: { version?: string }): Promise<{ id: string; delivered: number; queued: number; refused: number; dropped: number; receivers: { module: string; outcome: 'delivered' | 'queued' | 'refused' | 'dropped' }[] }>;
    /** To the one module that answers the topic; gives its reply. */
    request<Reply = unknown>(topic: string, body: unknown, options?: { timeoutMs?: number; version?: string }): Promise<Reply>;
  }`,
  fs: `{ read(path: string): Promise<string>; write(path: string, text: string): Promise<void>; list(path: string): Promise<string[]> }`,
  'secret.use': `{ has(name: string): Promise<boolean> }`,
  model: `{ generate(prompt: string, options?: { maxOutputTokens?: number; schema?: unknown }): Promise<string> }`,
  'module.call': `{ call(module: string, operation: string, input: unknown): Promise<unknown> }`,
  clock: `{ now(): Promise<number>; sleep(milliseconds: number): Promise<void> }`,
  random: `{ bytes(count: number): Promise<string>; number(): Promise<number> }`,
};

const runtime = `declare module 'burgeon:runtime' {
  export interface CallOptions { signal?: AbortSignal; traceId?: string }
  export function call<Output>(module: string, operation: string, input: object, options?: CallOptions): Promise<Output>;
  export function stream<Item>(module: string, operation: string, input: object, options?: CallOptions): AsyncIterable<Item>;
  export function pages<Output>(module: string, operation: string, input: object, options?: CallOptions): AsyncIterable<Output>;
}`;

/** The part of the web platform that the walls offer. @see https://min-common-api.proposal.wintertc.org/ */
const platform = `interface AbortSignal { readonly aborted: boolean; readonly reason: unknown; throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void; }
declare var AbortSignal: { abort(reason?: unknown): AbortSignal; timeout(milliseconds: number): AbortSignal; any(signals: AbortSignal[]): AbortSignal };
declare class AbortController { readonly signal: AbortSignal; abort(reason?: unknown): void; }
declare class URLSearchParams implements Iterable<[string, string]> { constructor(init?: string | Record<string, string> | [string, string][]);
  append(name: string, value: string): void; delete(name: string): void; get(name: string): string | null; getAll(name: string): string[];
  has(name: string): boolean; set(name: string, value: string): void; toString(): string; [Symbol.iterator](): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>; values(): IterableIterator<string>; entries(): IterableIterator<[string, string]>; }
declare class URL { constructor(url: string, base?: string | URL); static canParse(url: string, base?: string): boolean; static parse(url: string, base?: string): URL | null;
  href: string; readonly origin: string; protocol: string; username: string; password: string; host: string; hostname: string; port: string;
  pathname: string; search: string; hash: string; readonly searchParams: URLSearchParams; toString(): string; toJSON(): string; }
declare class TextEncoder { readonly encoding: 'utf-8'; encode(text?: string): Uint8Array<ArrayBuffer>; }
declare class TextDecoder { constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }); readonly encoding: string; decode(bytes?: ArrayBufferView | ArrayBuffer): string; }
declare function structuredClone<T>(value: T): T;
declare function atob(text: string): string;
declare function btoa(text: string): string;
declare function queueMicrotask(callback: () => void): void;
declare function setTimeout(callback: (...args: never[]) => void, milliseconds?: number): number;
declare function clearTimeout(id: number | undefined): void;
declare function setInterval(callback: (...args: never[]) => void, milliseconds?: number): number;
declare function clearInterval(id: number | undefined): void;
declare const console: { log(...values: unknown[]): void; info(...values: unknown[]): void; warn(...values: unknown[]): void; error(...values: unknown[]): void; debug(...values: unknown[]): void };`;

/** Declarations of everything that code of a module can see without having it in its bundle. */
export const ambientDeclarations = (): string => {
  const capabilities = powerImports().map(
    ({ specifier, kind, name }) => `declare module '${specifier}' { export const ${name}: ${offers[kind] ?? 'unknown'}; }`,
  );
  // Other modules are known only once they are installed; their types are then beside the importing project.
  return [runtime, ...capabilities, `declare module 'burgeon:*';`, platform, ''].join('\n');
};
