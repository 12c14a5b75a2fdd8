/** Names of the language and of the guest's shim that a module may use without importing them. Everything else is refused. */
export const allowedGlobals: ReadonlySet<string> = new Set(
  (
    'undefined NaN Infinity Object Array String Number Boolean Symbol BigInt Math JSON Date RegExp Map Set WeakMap WeakSet Promise Iterator ' +
    'Error TypeError RangeError SyntaxError ReferenceError URIError EvalError AggregateError Intl ArrayBuffer DataView Int8Array Uint8Array ' +
    'Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array Float64Array BigInt64Array BigUint64Array ' +
    'parseInt parseFloat isNaN isFinite encodeURI encodeURIComponent decodeURI decodeURIComponent atob btoa structuredClone ' +
    'setTimeout clearTimeout setInterval clearInterval queueMicrotask URL URLSearchParams TextEncoder TextDecoder AbortController AbortSignal ' +
    'console arguments this DisposableStack AsyncDisposableStack SuppressedError'
  ).split(' '),
);

/** Free names with a rule of their own; the others that are not allowed break `policy-global`. */
export const namedGlobals: ReadonlyMap<string, string> = new Map([
  ['eval', 'BP-01'],
  ['Function', 'BP-02'],
  ['AsyncFunction', 'BP-02'],
  ['GeneratorFunction', 'BP-02'],
  ['require', 'BP-03'],
  ['module', 'BP-03'],
  ['exports', 'BP-03'],
  ['createRequire', 'BP-03'],
  ['process', 'BP-05'],
  ['fs', 'BP-06'],
  ['__dirname', 'BP-07'],
  ['__filename', 'BP-07'],
  ['child_process', 'BP-08'],
  ['exec', 'BP-09'],
  ['execSync', 'BP-09'],
  ['execFile', 'BP-09'],
  ['execFileSync', 'BP-09'],
  ['spawn', 'BP-09'],
  ['spawnSync', 'BP-09'],
  ['fork', 'BP-09'],
]);

/** Modules of Node with a rule of their own; `node:` is cut off before. */
export const namedModules: ReadonlyMap<string, string> = new Map([
  ['module', 'BP-03'],
  ['process', 'BP-05'],
  ['fs', 'BP-06'],
  ['fs/promises', 'BP-06'],
  ['child_process', 'BP-08'],
  ['worker_threads', 'BP-08'],
  ['cluster', 'BP-08'],
  ['vm', 'BP-02'],
]);

/** Members through which any value leads to the makers of code or to a shared prototype, in every position. */
export const dangerousMembers: ReadonlyMap<string, string> = new Map([
  ['constructor', 'BP-02'],
  ['__proto__', 'policy-member'],
  ['prototype', 'policy-member'],
  ['getPrototypeOf', 'policy-member'],
  ['setPrototypeOf', 'policy-member'],
  ['getOwnPropertyDescriptor', 'policy-member'],
  ['getOwnPropertyDescriptors', 'policy-member'],
  ['defineProperty', 'policy-member'],
  ['defineProperties', 'policy-member'],
  ['__defineGetter__', 'policy-member'],
  ['__defineSetter__', 'policy-member'],
  ['__lookupGetter__', 'policy-member'],
  ['__lookupSetter__', 'policy-member'],
  ['prepareStackTrace', 'policy-member'],
  ['globalThis', 'policy-global'],
  ['createObjectURL', 'policy-global'],
  ['mainModule', 'BP-03'],
  ['getBuiltinModule', 'BP-03'],
  ['createRequire', 'BP-03'],
]);

/** Members with a meaning of their own on functions, where strict code is given nothing, and often an innocent one on data. */
export const innerMembers: ReadonlySet<string> = new Set(['callee', 'caller', 'arguments']);

/** Methods that make code or processes where they are what their name says; data and libraries have some of the same name. */
export const doubtfulMethods: ReadonlyMap<string, string> = new Map([
  ['eval', 'BP-01'],
  ['Function', 'BP-02'],
  ['runInThisContext', 'BP-02'],
  ['runInNewContext', 'BP-02'],
  ['execSync', 'BP-09'],
  ['execFileSync', 'BP-09'],
  ['spawnSync', 'BP-09'],
]);

/** Objects of hosts, by the name under which they are found. */
export const hostObjects: ReadonlySet<string> = new Set(['process', 'Deno', 'Bun']);

/** Members of such objects that are harmless on data, and the rule they break there. */
export const hostMembers: ReadonlyMap<string, string> = new Map([
  ['env', 'BP-10'],
  ...['exit', 'abort', 'kill', 'chdir', 'dlopen', 'reallyExit', 'umask'].map((name) => [name, 'BP-05'] as const),
  ...['binding', '_linkedBinding'].map((name) => [name, 'BP-03'] as const),
]);

/** Conversions and the like, which are commonly handed over as they are: `list.map(String)`. */
export const conversions: ReadonlySet<string> = new Set(
  (
    'undefined NaN Infinity String Number Boolean BigInt parseInt parseFloat isNaN isFinite encodeURI encodeURIComponent decodeURI ' +
    'decodeURIComponent atob btoa structuredClone console arguments this'
  ).split(' '),
);

/** Timers: their first argument is code, so it must be a function. */
export const timers: ReadonlySet<string> = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']);

/** Symbols by which values change what the language, or the host around it, does with them. */
export const hookSymbols: ReadonlySet<string> = new Set(['species', 'unscopables', 'hasInstance']);

/** Calls that write to their first argument. */
export const writers: ReadonlySet<string> = new Set([
  'Object.assign',
  'Object.defineProperty',
  'Object.defineProperties',
  'Object.setPrototypeOf',
]);
