/**
 * What runs inside a cell before the module: takes the means of making code away, adds the small part of the web platform a module may count
 * on, freezes what all code shares, and keeps the one way in. It is text because it runs in another heap; `$0` to `$3` are plain functions.
 */
export const guestSource: string = String.raw`
'use strict';
const [ask, hostLog, wake, hostUrl] = [$0, $1, $2, $3];
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

/* Questions to the outside: each has a number, and the answer comes back through 'settle'. */
const asked = new MapOf();
let questions = 0;
const question = (put) => new Promise((resolve) => {
  const id = ++questions;
  asked.set(id, resolve);
  put(id);
});
const hostCall = (kind, method, args) => question((id) => ask(id, kind, method, args));
const hostSleep = (ms) => question((id) => wake(id, ms));

const hide = (name, value) => defineProperty(global, name, { value, writable: false, enumerable: false, configurable: false });
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
for (const [name, value] of entries({ TextEncoder, TextDecoder, btoa, atob, structuredClone, URL, URLSearchParams, AbortSignal, AbortController })) hide(name, value);

/* Power: what was imported, as functions that send JSON. Arguments are written down before anything else looks at them. */
const granted = new MapOf();
const send = (kind, method, args) => {
  const text = stringify(args);
  if (text === undefined) problem('The arguments are not JSON.');
  return hostCall(kind, method, text).then((answer) => {
    const { ok, value } = parse(answer);
    if (ok) return value;
    const error = new ErrorOf(value.message);
    defineProperty(error, 'code', { value: value.code, enumerable: true });
    throw error;
  });
};
const powers = ['fetch', 'send', 'query', 'publish', 'read', 'write', 'list', 'has', 'generate', 'call', 'now', 'sleep', 'bytes', 'number'];
hide('$capability', (kind) => {
  if (!granted.has(kind)) {
    const power = {};
    for (const method of powers) power[method] = (...args) => send(kind, method, args);
    granted.set(kind, freeze(power));
  }
  return granted.get(kind);
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
const queue = [global, ...makers.map((maker) => getPrototypeOf(maker)), ...makers.slice(2).map((maker) => getPrototypeOf(maker).prototype), getPrototypeOf([][Symbol.iterator]()), getPrototypeOf(new MapOf()[Symbol.iterator]()), getPrototypeOf(''[Symbol.iterator]()), getPrototypeOf(''.matchAll(/a/g))];
const seen = new SetOf();
while (queue.length > 0) {
  const value = queue.pop();
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
  seen.add(value);
  queue.push(getPrototypeOf(value));
  for (const key of ownKeys(value)) {
    const known = getOwnPropertyDescriptor(value, key);
    for (const part of [known?.value, known?.get, known?.set]) if (part !== undefined && part !== null) queue.push(part);
  }
}
for (const value of seen) freeze(value);

/* The way in. */
let operations = null, moduleSnapshot = null, moduleRestore = null;
const told = (error) => {
  const known = typeof error === 'object' && error !== null;
  const read = (name) => { try { const value = known ? error[name] : undefined; return typeof value === 'string' ? value.slice(0, 4000) : undefined; } catch { return undefined; } };
  let data;
  try { data = known && error.data !== undefined ? stringify(error.data).slice(0, 4000) : undefined; } catch { data = undefined; }
  return { message: read('message') ?? (known ? 'An error without a message.' : StringOf(error).slice(0, 4000)), name: read('name'), stack: read('stack'), data };
};
const guarded = async (run) => {
  try {
    const value = await run();
    return stringify({ ok: true, value: stringify(value) ?? 'null' });
  } catch (error) {
    return stringify({ ok: false, error: told(error) });
  }
};
return {
  register: (module) => {
    operations = typeof module.operations === 'object' && module.operations !== null ? module.operations : null;
    moduleSnapshot = typeof module.snapshot === 'function' ? module.snapshot : null;
    moduleRestore = typeof module.restore === 'function' ? module.restore : null;
    return operations !== null;
  },
  call: (name, input) => {
    const run = operations !== null && hasOwn(operations, name) ? operations[name] : undefined;
    if (typeof run !== 'function') return stringify({ ok: false, missing: true });
    return guarded(() => apply(run, undefined, [parse(input), freeze({})]));
  },
  settle: (id, answer) => {
    const resolve = asked.get(id);
    asked.delete(id);
    resolve?.(answer);
  },
  snapshot: () => guarded(() => (moduleSnapshot ? moduleSnapshot() : null)),
  restore: (state) => guarded(() => (moduleRestore ? moduleRestore(parse(state)) : null)),
};
`;
