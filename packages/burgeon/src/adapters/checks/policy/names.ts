/** Names of the language and of the guest's shim that a module may use without importing them. Everything else is refused. */
export const allowedGlobals: ReadonlySet<string> = new Set(
  (
    'undefined NaN Infinity Object Array String Number Boolean Symbol BigInt Math JSON Date RegExp Map Set WeakMap WeakSet Promise Iterator ' +
    'Error TypeError RangeError SyntaxError ReferenceError URIError EvalError AggregateError Intl ArrayBuffer DataView Int8Array Uint8Array ' +
    'Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array Float64Array BigInt64Array BigUint64Array ' +
    'parseInt parseFloat isNaN isFinite encodeURI encodeURIComponent decodeURI decodeURIComponent atob btoa structuredClone ' +
    'setTimeout clearTimeout setInterval clearInterval queueMicrotask URL URLSearchParams TextEncoder TextDecoder AbortController AbortSignal ' +
    'console arguments this'
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
  ['callee', 'policy-member'],
  ['caller', 'policy-member'],
  ['getBuiltinModule', 'BP-03'],
  ['createRequire', 'BP-03'],
]);

/** Members that are harmless on data and end the world on one of these free names. */
export const hostObjects: ReadonlySet<string> = new Set(['process', 'Deno', 'Bun']);

/** Timers: their first argument is code, so it must be a function. */
export const timers: ReadonlySet<string> = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']);

/** Calls that write to their first argument. */
export const writers: ReadonlySet<string> = new Set([
  'Object.assign',
  'Object.defineProperty',
  'Object.defineProperties',
  'Object.setPrototypeOf',
]);
