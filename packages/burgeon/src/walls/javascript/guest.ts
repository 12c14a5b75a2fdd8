/**
 * What runs inside a cell before the module, whatever the engine: takes the means of making code away, adds the small part of the web platform a
 * module may count on, freezes what all code shares, and keeps the one way in. It is text because it runs in another heap. It is the body of a
 * function of `$0` (settled: id, failure or undefined, text), `$1` (host: question, kind, method, arguments), `$2` (log: text), `$3` (url: text
 * to text), `$4` (seed or undefined), `$5` (version of the state or undefined), and gives `{ run, answer, adopt, keeps, watch }`, of which engines use what
 * they need; the module is handed to `$register`.
 */
export const guestSource: string = String.raw`
'use strict';
const [settled, ask, hostLog, hostUrl, seed] = [$0, $1, $2, $3, $4];
let stateVersion = $5;
const { parse, stringify } = JSON;
const { freeze, defineProperty, getPrototypeOf, getOwnPropertyDescriptor, entries, hasOwn, isFrozen } = Object;
const { ownKeys, apply, deleteProperty } = Reflect;
const { isArray, from } = Array;
const TypeErrorOf = TypeError, ErrorOf = Error, MapOf = Map, SetOf = Set, DateOf = Date, StringOf = String, Bytes = Uint8Array;
const fromCode = String.fromCharCode;
const global = globalThis;

/* No code from text. */
const makers = [function () {}, async function () {}, function* () {}, async function* () {}];
for (const maker of makers) deleteProperty(getPrototypeOf(maker), 'constructor');
for (const name of ['eval', 'Function', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'FinalizationRegistry', 'WeakRef', 'Temporal', 'Proxy', 'Reflect', 'escape', 'unescape'])
  deleteProperty(global, name);

/* Some engines keep these as accessors, which work on when everything is frozen. */
for (const name of ['prepareStackTrace', 'stackTraceLimit']) if (getOwnPropertyDescriptor(Error, name)?.set) deleteProperty(Error, name);

/* Chance that repeats, where that is wanted (mulberry32). */
let chance = seed >>> 0;
if (seed !== undefined) {
  const { imul } = Math;
  defineProperty(Math, 'random', { value: () => {
    chance = (chance + 0x6d2b79f5) | 0;
    let t = imul(chance ^ (chance >>> 15), 1 | chance);
    t = (t + imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  } });
}

/* Questions to the outside: each has a number, and the answer comes back through 'answer'. */
const asked = new MapOf();
let questions = 0;
const question = (put) => new Promise((resolve) => {
  const id = ++questions;
  asked.set(id, resolve);
  put(id);
});
const hostCall = (kind, method, args) => question((id) => ask(id, kind, method, args));
const hostSleep = (ms) => hostCall('', 'sleep', stringify([ms]));

const hide = (name, value) => defineProperty(global, name, { value: typeof value === 'function' ? freeze(value) : value, writable: false, enumerable: false, configurable: false });
const problem = (text) => { throw new TypeErrorOf(text); };

/* Timers, console, and the like. */
const waiting = new MapOf();
let timers = 0;
const later = (run, ms, args, again) => {
  if (typeof run !== 'function') problem('A timer takes a function.');
  const id = ++timers;
  waiting.set(id, true);
  const go = () => hostSleep(Number(ms) || 0).then(() => {
    if (!waiting.has(id)) return;
    if (!again) waiting.delete(id);
    run(...args);
    if (again) go();
  });
  go();
  return id;
};
hide('setTimeout', (run, ms, ...args) => later(run, ms, args, false));
hide('setInterval', (run, ms, ...args) => later(run, ms, args, true));
hide('clearTimeout', (id) => { waiting.delete(id); });
hide('clearInterval', (id) => { waiting.delete(id); });
hide('queueMicrotask', (run) => { if (typeof run !== 'function') problem('A task is a function.'); Promise.resolve().then(() => run()); });
const shown = (value) => { try { return typeof value === 'string' ? value : typeof value === 'bigint' ? StringOf(value) : value instanceof ErrorOf ? StringOf(value) : stringify(value) ?? StringOf(value); } catch { return '?'; } };
const say = (...values) => { let text = ''; for (const value of values) text += (text && ' ') + shown(value); hostLog(text.slice(0, 2000)); };
hide('console', { log: say, info: say, warn: say, error: say, debug: say });

/* The web platform, made when somebody first asks for a part of it: most modules never do, and it would weigh on every heap. */
const makePlatform = () => {
/* Text and bytes. */
class TextEncoder {
  get encoding() { return 'utf-8'; }
  encode(text = '') {
    const out = [];
    for (const character of StringOf(text).toWellFormed()) {
      const c = character.codePointAt(0);
      if (c < 0x80) out.push(c);
      else if (c < 0x800) out.push(0xc0 | (c >> 6), 0x80 | (c & 63));
      else if (c < 0x10000) out.push(0xe0 | (c >> 12), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
      else out.push(0xf0 | (c >> 18), 0x80 | ((c >> 12) & 63), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
    }
    return new Bytes(out);
  }
}
class TextDecoder {
  #fatal;
  constructor(label = 'utf-8', options = {}) {
    if (!/^utf-?8$/i.test(label)) throw new RangeError('Only utf-8 is known.');
    this.#fatal = options.fatal === true;
  }
  get encoding() { return 'utf-8'; }
  decode(source = new Bytes()) {
    const bytes = source instanceof ArrayBuffer ? new Bytes(source) : new Bytes(source.buffer, source.byteOffset, source.byteLength);
    let text = '';
    for (let at = 0; at < bytes.length; ) {
      const first = bytes[at++];
      if (first < 0x80) { text += fromCode(first); continue; }
      const size = first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : 0;
      let point = first & (0x3f >> size), taken = 0;
      for (; taken < size && (bytes[at] & 0xc0) === 0x80; taken++) {
        if (taken === 0 && ((first === 0xe0 && bytes[at] < 0xa0) || (first === 0xed && bytes[at] > 0x9f) || (first === 0xf0 && bytes[at] < 0x90) || (first === 0xf4 && bytes[at] > 0x8f))) break;
        point = (point << 6) | (bytes[at++] & 63);
      }
      if (size > 0 && taken === size) text += StringOf.fromCodePoint(point);
      else if (this.#fatal) problem('The bytes are not utf-8.');
      else text += '\ufffd';
    }
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }
}
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const btoa = (text) => {
  const source = StringOf(text);
  let out = '';
  for (let at = 0; at < source.length; at += 3) {
    const [a, b, c] = [source.charCodeAt(at), source.charCodeAt(at + 1), source.charCodeAt(at + 2)];
    if (a > 255 || b > 255 || c > 255) problem('The text holds characters beyond one byte.');
    out += digits[a >> 2] + digits[((a & 3) << 4) | (b >> 4)] + (b === b ? digits[((b & 15) << 2) | (c >> 6)] : '=') + (c === c ? digits[c & 63] : '=');
  }
  return out;
};
const atob = (text) => {
  const source = StringOf(text).replace(/[\t\n\f\r ]+/g, '').replace(/={1,2}$/, '');
  if (source.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(source)) problem('The text is not base64.');
  let out = '', held = 0, bits = 0;
  for (const digit of source) {
    held = ((held << 6) | digits.indexOf(digit)) & 0xffffff;
    bits += 6;
    if (bits >= 8) out += fromCode((held >> (bits -= 8)) & 255);
  }
  return out;
};
const structuredClone = (root) => {
  const seen = new MapOf();
  const copy = (value) => {
    if (typeof value === 'function' || typeof value === 'symbol') problem('A function cannot be cloned.');
    if (typeof value !== 'object' || value === null) return value;
    if (seen.has(value)) return seen.get(value);
    const keep = (made) => (seen.set(value, made), made);
    if (value instanceof DateOf) return keep(new DateOf(value.getTime()));
    if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
    if (value instanceof MapOf) { const made = keep(new MapOf()); for (const [k, v] of value) made.set(copy(k), copy(v)); return made; }
    if (value instanceof SetOf) { const made = keep(new SetOf()); for (const v of value) made.add(copy(v)); return made; }
    if (value instanceof ErrorOf) { const made = keep(new ErrorOf(value.message)); made.name = value.name; return made; }
    if (value instanceof ArrayBuffer) return keep(value.slice(0));
    if (ArrayBuffer.isView(value)) return keep(value.slice ? value.slice() : new DataView(value.buffer.slice(0), value.byteOffset, value.byteLength));
    const made = keep(isArray(value) ? [] : {});
    for (const [key, item] of entries(value)) defineProperty(made, key, { value: copy(item), writable: true, enumerable: true, configurable: true });
    return made;
  };
  return copy(root);
};

/* Addresses: taken apart outside, as text. */
const coded = (text) => encodeURIComponent(StringOf(text).toWellFormed()).replace(/%20/g, '+').replace(/[!'()~]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());
const plain = (text) => { try { return decodeURIComponent(text.replace(/\+/g, ' ')); } catch { return text; } };
class URLSearchParams {
  #list = [];
  #changed;
  constructor(init = '', changed) {
    this.#changed = changed;
    if (typeof init === 'string') {
      for (const part of init.replace(/^\?/, '').split('&')) {
        if (part === '') continue;
        const cut = part.indexOf('=');
        this.#list.push(cut < 0 ? [plain(part), ''] : [plain(part.slice(0, cut)), plain(part.slice(cut + 1))]);
      }
    } else for (const [name, value] of typeof init[Symbol.iterator] === 'function' ? init : entries(init)) this.#list.push([StringOf(name), StringOf(value)]);
  }
  #tell() { this.#changed?.(this.toString()); }
  get size() { return this.#list.length; }
  append(name, value) { this.#list.push([StringOf(name), StringOf(value)]); this.#tell(); }
  delete(name) { this.#list = this.#list.filter((pair) => pair[0] !== StringOf(name)); this.#tell(); }
  get(name) { return this.#list.find((pair) => pair[0] === StringOf(name))?.[1] ?? null; }
  getAll(name) { return this.#list.filter((pair) => pair[0] === StringOf(name)).map((pair) => pair[1]); }
  has(name) { return this.#list.some((pair) => pair[0] === StringOf(name)); }
  set(name, value) {
    const at = this.#list.findIndex((pair) => pair[0] === StringOf(name));
    if (at < 0) return this.append(name, value);
    this.#list = this.#list.filter((pair, index) => index <= at || pair[0] !== StringOf(name));
    this.#list[at] = [StringOf(name), StringOf(value)];
    this.#tell();
  }
  sort() { this.#list.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0)); this.#tell(); }
  forEach(run) { for (const [name, value] of this.#list) run(value, name, this); }
  *keys() { for (const pair of this.#list) yield pair[0]; }
  *values() { for (const pair of this.#list) yield pair[1]; }
  *entries() { for (const pair of this.#list) yield [pair[0], pair[1]]; }
  [Symbol.iterator]() { return this.entries(); }
  toString() { return this.#list.map((pair) => coded(pair[0]) + '=' + coded(pair[1])).join('&'); }
}
const partsOf = (href, base, field, value) => parse(hostUrl(stringify([href, base, field, value])));
class URL {
  #parts;
  #params;
  constructor(url, base) {
    this.#parts = partsOf(StringOf(url), base === undefined ? undefined : StringOf(base)) ?? problem('Invalid URL');
    this.#params = new URLSearchParams(this.#parts.search, (search) => this.#put('search', search));
  }
  #put(field, value) { this.#parts = partsOf(this.#parts.href, undefined, field, StringOf(value)) ?? this.#parts; }
  static canParse(url, base) { return partsOf(StringOf(url), base === undefined ? undefined : StringOf(base)) !== null; }
  static parse(url, base) { try { return new URL(url, base); } catch { return null; } }
  get origin() { return this.#parts.origin; }
  get searchParams() { return this.#params; }
  get href() { return this.#parts.href; }
  toString() { return this.#parts.href; }
  toJSON() { return this.#parts.href; }
  static {
    for (const field of ['protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'])
      defineProperty(this.prototype, field, {
        get() { return this.#parts[field]; },
        set(value) {
          this.#put(field, value);
          if (field === 'search') this.#params = new URLSearchParams(this.#parts.search, (search) => this.#put('search', search));
        },
        enumerable: true,
        configurable: true,
      });
  }
}

/* Being told to stop. */
class AbortSignal {
  #listeners = new SetOf();
  aborted = false;
  reason = undefined;
  constructor(key, hand) { if (key !== AbortController) problem('Illegal constructor'); hand((reason) => { if (this.aborted) return; this.aborted = true; this.reason = reason; for (const listener of this.#listeners) listener(); }); }
  addEventListener(type, listener) { if (type === 'abort') this.#listeners.add(listener); }
  removeEventListener(type, listener) { this.#listeners.delete(listener); }
  throwIfAborted() { if (this.aborted) throw this.reason; }
  static abort(reason) { const controller = new AbortController(); controller.abort(reason); return controller.signal; }
  static timeout(ms) { const controller = new AbortController(); later(() => controller.abort(new ErrorOf('The time is up.')), ms, [], false); return controller.signal; }
  static any(signals) { const controller = new AbortController(); for (const signal of signals) { if (signal.aborted) controller.abort(signal.reason); else signal.addEventListener('abort', () => controller.abort(signal.reason)); } return controller.signal; }
}
class AbortController {
  #stop;
  #signal = new AbortSignal(AbortController, (stop) => { this.#stop = stop; });
  get signal() { return this.#signal; }
  abort(reason = new ErrorOf('This was aborted.')) { this.#stop(reason); }
}
for (const made of [TextEncoder, TextDecoder, btoa, atob, structuredClone, URL, URLSearchParams, AbortSignal, AbortController]) { freeze(made); if (made.prototype) freeze(made.prototype); }
return { TextEncoder, TextDecoder, btoa, atob, structuredClone, URL, URLSearchParams, AbortSignal, AbortController };
};
let platform;
for (const name of ['TextEncoder', 'TextDecoder', 'btoa', 'atob', 'structuredClone', 'URL', 'URLSearchParams', 'AbortSignal', 'AbortController'])
  defineProperty(global, name, { get: () => (platform ??= makePlatform())[name], enumerable: false, configurable: false });

/* Power: what was imported, as functions that send JSON. Arguments are written down before anything else looks at them. */
const granted = new MapOf();
const send = (kind, method, args) => {
  const text = stringify(args);
  if (text === undefined) problem('The arguments are not JSON.');
  return hostCall(kind, method, text).then(({ ok, text: answer }) => {
    const value = parse(answer);
    if (ok) return value;
    const error = new ErrorOf(value.message);
    defineProperty(error, 'code', { value: value.code, enumerable: true });
    if (value.data !== undefined) defineProperty(error, 'data', { value: value.data, enumerable: true });
    throw error;
  });
};
const powers = ['fetch', 'send', 'query', 'publish', 'request', 'read', 'write', 'list', 'has', 'generate', 'call', 'now', 'sleep', 'bytes', 'number'];
hide('$capability', (kind) => {
  if (!granted.has(kind)) {
    const power = {};
    for (const method of powers) power[method] = (...args) => send(kind, method, args);
    granted.set(kind, freeze(power));
  }
  return granted.get(kind);
});

/* The way in. */
let operations = null, life = null;
const ordered = { call: 2, message: 3, snapshot: 4, restore: 5, dispose: 6 };
const told = (error) => {
  const known = typeof error === 'object' && error !== null;
  const read = (name) => { try { const value = known ? error[name] : undefined; return typeof value === 'string' ? value.slice(0, 4000) : undefined; } catch { return undefined; } };
  let data;
  try { data = known && error.data !== undefined ? stringify(error.data).slice(0, 4000) : undefined; } catch { data = undefined; }
  return stringify({ message: read('message') ?? (known ? 'An error without a message.' : StringOf(error).slice(0, 4000)), name: read('name'), stack: read('stack'), data });
};
const refuse = (id, error) => { let text; try { text = told(error); } catch { text = '{}'; } settled(id, 'thrown', text); };
const finish = (id, value) => { let text; try { text = stringify(value) ?? 'null'; } catch (error) { return refuse(id, error); } settled(id, undefined, text); };
const own = (name) => (life !== null && typeof life[name] === 'function' ? life[name] : undefined);
const nothing = freeze({});
const restored = async (version, state) => {
  const restore = own('restore');
  if (!restore) return null;
  let value = state;
  if (version !== 0 && stateVersion !== undefined && version !== stateVersion) {
    const migrate = own('migrate');
    if (!migrate) throw new ErrorOf('The state is of version ' + version + ', the module keeps version ' + stateVersion + ' and has no "migrate".');
    value = await migrate(value, version);
  }
  await restore(value);
  return null;
};
const begin = (order, head, body) => {
  if (order === ordered.message) return own('message')?.(head, parse(body)) ?? null;
  if (order === ordered.snapshot) return own('snapshot')?.() ?? null;
  if (order === ordered.restore) return restored(+head, parse(body));
  return own('dispose')?.() ?? null;
};
const promise = Promise, { then } = promise.prototype, resolved = promise.resolve;
let registered = false;
hide('$register', (module, id) => {
  if (registered) return;
  registered = true;
  if (typeof module.operations !== 'object' || module.operations === null) return settled(id, 'code', 'It does not export "operations".');
  operations = module.operations;
  life = module;
  const init = own('init');
  if (!init) return finish(id, null);
  apply(then, apply(resolved, promise, [init()]), [() => finish(id, null), (error) => refuse(id, error)]);
});

/* What everything shares is frozen. Assigning over an inherited property must still make an own one, so the usual ones become accessors. */
const loosen = (prototype, names) => {
  for (const name of names) {
    const known = getOwnPropertyDescriptor(prototype, name);
    if (!known || !('value' in known) || !known.configurable) continue;
    const { value } = known;
    defineProperty(prototype, name, {
      get() { return value; },
      set(next) { if (this === prototype) problem('The language may not be changed.'); defineProperty(this, name, { value: next, writable: true, enumerable: true, configurable: true }); },
      enumerable: false,
      configurable: false,
    });
  }
};
loosen(Object.prototype, ownKeys(Object.prototype).filter((name) => name !== '__proto__'));
for (const type of [Error, TypeError, RangeError, SyntaxError, ReferenceError, URIError, EvalError, AggregateError]) loosen(type.prototype, ['name', 'message', 'toString', 'constructor']);
loosen(getPrototypeOf(makers[0]), ['toString', 'call', 'apply', 'bind']);
const seen = new SetOf();
const keep = (value) => {
  for (let at = value; (typeof at === 'object' || typeof at === 'function') && at !== null && !seen.has(at); at = getPrototypeOf(at)) seen.add(at);
};
const meet = (value) => {
  keep(value);
  if (typeof value === 'function' && hasOwn(value, 'prototype')) keep(value.prototype);
};
/* By name: to list and describe what is there, and each method of it, would be half a megabyte in every heap. A test holds the list to be whole. */
for (const name of 'Object Array String Number Boolean Symbol BigInt Math JSON Date Map Set WeakMap WeakSet Promise Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError InternalError ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array Float16Array Float32Array Float64Array Iterator Intl DisposableStack AsyncDisposableStack console parseFloat parseInt isFinite isNaN encodeURI encodeURIComponent decodeURI decodeURIComponent'.split(' ')) meet(global[name]);
keep(global);
/* Not its prototype: V8 leaves its fast path for every pattern once that is touched, and nobody else shares this heap. */
keep(RegExp);
for (const maker of makers) { keep(getPrototypeOf(maker)); keep(getPrototypeOf(maker).prototype); }
for (const iterator of [[][Symbol.iterator](), new MapOf()[Symbol.iterator](), new SetOf()[Symbol.iterator](), ''[Symbol.iterator](), ''.matchAll(/a/g)]) keep(getPrototypeOf(iterator));
for (const value of seen) freeze(value);

return {
  run: (order, id, head, body) => {
    let value;
    try {
      if (order === ordered.call) {
        const run = operations !== null && hasOwn(operations, head) ? operations[head] : undefined;
        if (typeof run !== 'function') return settled(id, 'missing', '');
        value = run(parse(body), nothing);
      } else value = begin(order, head, body);
    } catch (error) {
      return refuse(id, error);
    }
    apply(then, apply(resolved, promise, [value]), [(result) => finish(id, result), (error) => refuse(id, error)]);
  },
  answer: (id, ok, text) => {
    const resolve = asked.get(id);
    asked.delete(id);
    resolve?.({ ok, text });
  },
  /* For an engine that copies one heap for many modules: what is this module's alone. */
  adopt: (ownSeed, ownVersion) => { chance = ownSeed >>> 0; stateVersion = ownVersion; },
  keeps: (name) => own(name) !== undefined,
  /* For an engine whose modules are evaluated as a promise. */
  watch: (started, id) => { apply(then, started, [undefined, (error) => refuse(id, error)]); },
};
`;
