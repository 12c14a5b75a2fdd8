import { type Attack, type Case, type Judge, either, fails, findsNothing, granting, isRefused } from '../case.ts';

/**
 * Put in front of programs that climb: `inspect(label, thing)` tries everything that has ever led from an object out of a sandbox and notes
 * what it found, `power(label, thing)` tells a thing that should not be inside, `made(label, value)` that text became code.
 */
const climber = String.raw`
const loot = [];
const found = (what) => { if (loot.length < 20 && !loot.includes(what)) loot.push(what); };
const powers = ['process', 'require', 'module', 'mainModule', 'binding', 'dlopen', 'Deno', 'Bun', 'std', 'os', 'scriptArgs', 'Worker',
  'applySync', 'applySyncPromise', 'applyIgnored', 'derefInto', 'copySync', 'getSync', 'setSync', 'evalSync', 'evalClosureSync', 'compileScriptSync'];
const has = (thing, name) => { try { return thing[name] !== undefined && thing[name] !== null; } catch { return false; } };
const power = (label, thing) => {
  if (thing === null || (typeof thing !== 'object' && typeof thing !== 'function')) return;
  for (const name of powers) {
    if (name === 'module' && typeof thing !== 'function') continue;
    if (has(thing, name)) found(label + ' has ' + name);
  }
};
const made = (label, value) => { if (value === 42) found(label + ' made code from text'); else if (value && typeof value.next === 'function') found(label + ' made a generator from text'); };
const makes = (label, maker) => {
  if (typeof maker !== 'function') return;
  for (const build of [(text) => maker(text), (text) => new maker(text)]) {
    let code;
    try { code = build('return 41 + 1'); } catch { continue; }
    if (typeof code !== 'function') continue;
    found(label + ' made code from text');
    try { made(label, code()); } catch {}
    try { const all = build('return [typeof process, typeof require]')(); if (String(all) !== 'undefined,undefined') found(label + ' reached ' + all); } catch {}
  }
};
const inspect = (label, thing) => {
  power(label, thing);
  const step = (from, path) => { try { return path(from); } catch { return undefined; } };
  const routes = [(x) => x.constructor, (x) => x.constructor.constructor, (x) => x.__proto__.constructor, (x) => x.__proto__.constructor.constructor,
    (x) => Object.getPrototypeOf(x).constructor, (x) => Object.getPrototypeOf(Object.getPrototypeOf(x)).constructor.constructor,
    (x) => x.__proto__.__proto__.constructor.constructor, (x) => x.valueOf.constructor, (x) => x.toString.constructor,
    (x) => x.then.constructor, (x) => x.call.constructor, (x) => Object.getOwnPropertyDescriptor(x, 'length').value.constructor.constructor,
    (x) => x.constructor.prototype.constructor.constructor];
  for (const route of routes) { const end = step(thing, route); makes(label, end); power(label, end); }
};
`;

const imports = `import { http } from 'burgeon:cap/http';\nimport { clock } from 'burgeon:cap/clock';\n`;

/** A climbing program that answers the list of what it found. */
const climb = (name: string, body: string, judge: Judge = findsNothing): Attack => ({
  name,
  language: 'javascript',
  source: `${imports}${climber}\nexport const operations = { run: async (input) => {\n${body}\nreturn loot;\n} };\n`,
  grants: (bait) => [{ kind: 'net.http', scope: { hosts: [bait.open] } }, ...granting('clock')(bait)],
  judge,
});

/** Attacks 36 to 43: from an object that crossed the wall back to where it came from. */
export const objects: readonly Case[] = [
  {
    number: 36,
    title: 'the constructor of the constructor',
    group: 'escape',
    attacks: [
      climb(
        'of host functions',
        `inspect('http', http); inspect('http.fetch', http.fetch); inspect('clock.now', clock.now); inspect('setTimeout', setTimeout); inspect('console.log', console.log); inspect('queueMicrotask', queueMicrotask);`,
      ),
      climb(
        'of what a host call gives',
        `const promise = clock.now(); inspect('promise', promise); inspect('result', Object(await promise));\nconst answer = await http.fetch('http://' + input.open + '/json').catch((error) => error); inspect('answer', answer); for (const value of Object.values(answer)) inspect('part', Object(value));`,
      ),
      climb(
        'of an error of the host',
        `for (const url of ['http://' + input.closed + '/', 'nonsense', null]) { try { await http.fetch(url); } catch (error) { inspect('error', error); inspect('message', Object(error.message)); inspect('cause', error.cause); inspect('code', Object(error.code)); } }`,
      ),
      climb(
        'of the input and its context',
        `inspect('input', input); for (const value of Object.values(input)) inspect('field', Object(value)); inspect('arguments', [...[input]]);`,
      ),
      climb(
        'of everything global',
        `inspect('global', globalThis); for (const name of Object.getOwnPropertyNames(globalThis)) { inspect(name, globalThis[name]); try { inspect('new ' + name, new globalThis[name]()); } catch {} }`,
      ),
      climb(
        'of the module itself',
        `const self = await import('./index.js').catch(() => ({})); inspect('namespace', self); inspect('meta', import.meta); inspect('this', this);`,
      ),
      climb(
        'of classes of the platform',
        `for (const make of [() => new URL('http://a.example/?a=1').searchParams, () => new URL('http://a.example/'), () => new TextEncoder().encode('a'), () => new AbortController().signal, () => structuredClone({ a: [1] }), () => URL.parse('x:y')]) { let thing; try { thing = make(); } catch { continue; } inspect('platform', thing); }`,
      ),
    ],
  },
  {
    number: 37,
    title: 'errors of the host that are not of the own world',
    group: 'escape',
    attacks: [
      climb(
        'identity',
        `const own = (error) => { let at = error; for (let i = 0; at && i < 20; i++) { if (at === Error.prototype) return; at = Object.getPrototypeOf(at); } found('a foreign error'); };\nfor (const run of [() => http.fetch(), () => http.fetch(1n), () => clock.sleep(Symbol()), () => structuredClone(() => {}), () => new URL('x'), () => atob('*'), () => setTimeout('x'), () => new TextDecoder('utf-9')]) { try { await run(); } catch (error) { own(error); inspect('error', error); } }`,
      ),
      climb(
        'at the end of the stack',
        `let caught = 0; const dive = () => { try { clock.now(); dive(); } catch (error) { if (caught++ < 5) { inspect('error', error); inspect('stack', Object(error.stack)); if (!(error instanceof Error)) found('a foreign error'); } } }; dive();`,
      ),
      climb(
        'with a name that is a symbol',
        `const error = new Error(); error.name = Symbol(); const p = (async () => error.stack)(); const own = { [Symbol.species]: class { constructor(run) { run((v) => inspect('resolve', v), (e) => inspect('rejected', e)); } } };\nObject.defineProperty(p, 'constructor', { value: own });\ntry { await p.then(() => {}); } catch (caught) { inspect('caught', caught); for (let at = caught; at; at = Object.getPrototypeOf(at)) inspect('chain', at); }`,
      ),
    ],
  },
  {
    number: 38,
    title: 'promises of the host that are not of the own world',
    group: 'escape',
    attacks: [
      climb(
        'identity',
        `const p = clock.now(); if (!(p instanceof Promise) || Object.getPrototypeOf(p) !== Promise.prototype) found('a foreign promise'); inspect('then', p.then); inspect('constructor', p.constructor); await p;`,
      ),
      climb(
        'a species of its own',
        `const p = clock.now(); try { Object.defineProperty(p, 'constructor', { value: { [Symbol.species]: function (run) { run((v) => { inspect('resolve', v); }, () => {}); inspect('executor', run); } } }); const q = p.then((v) => v); inspect('made', q); } catch {}\nclass Mine extends Promise { constructor(run) { super((a, b) => { inspect('a', a); inspect('b', b); run(a, b); }); } } try { await Mine.resolve(clock.now()); } catch {}`,
      ),
      climb(
        'a thenable as the result',
        `return { then(resolve, reject) { inspect('resolve', resolve); inspect('reject', reject); inspect('this', this); resolve(loot); } };`,
      ),
      climb(
        'a thenable as an argument',
        `await http.fetch({ then(resolve) { inspect('resolve', resolve); resolve('http://x'); } }).catch((error) => inspect('error', error)); await clock.sleep({ then(resolve) { inspect('resolve', resolve); resolve(1); } }).catch(() => {});`,
      ),
      climb(
        'Promise.try and withResolvers',
        `for (const make of [() => Promise.try(() => clock.now()), () => Promise.withResolvers(), () => Promise.all([clock.now()]), () => Promise.any([clock.now()])]) { let p; try { p = make(); } catch { continue; } inspect('promise', p); for (const value of Object.values(p)) inspect('part', value); if (typeof p.then === 'function') inspect('value', Object(await p)); }`,
      ),
    ],
  },
  {
    number: 39,
    title: 'what yield* of an asynchronous generator hands out',
    group: 'escape',
    attacks: [
      climb(
        'return',
        `async function* hole() { yield* { [Symbol.asyncIterator]() { return { next: () => ({ value: 1, done: false }), return(value) { inspect('value', value); return { get value() { const f = () => f(); f(); }, get done() { return true; } }; } }; } }; }
const g = hole(); await g.next(); try { await g.return(clock.now()); } catch (error) { inspect('error', error); if (!(error instanceof Error)) found('a foreign error'); }`,
      ),
      climb(
        'throw',
        `async function* hole() { yield* { [Symbol.asyncIterator]() { return { next: () => clock.now(), get throw() { inspect('this', this); throw new Error('x'); } }; } }; }
const g = hole(); try { await g.next(); } catch (error) { inspect('error', error); } try { await g.throw(1); } catch (error) { inspect('error', error); }`,
      ),
    ],
  },
  {
    number: 40,
    title: 'species of arrays that the glue handles',
    group: 'escape',
    attacks: [
      climb(
        'of arguments',
        `const a = ['http://x']; Object.defineProperty(a, 'constructor', { value: { [Symbol.species]: function (...all) { for (const each of all) inspect('argument', each); inspect('this', this); return []; } } }); await http.fetch(a, a).catch((error) => inspect('error', error)); await http.fetch(...a).catch((error) => inspect('error', error));`,
      ),
      climb(
        'of a class',
        `class Mine extends Array { static get [Symbol.species]() { return function (n) { inspect('n', Object(n)); return new Proxyish(); }; } } class Proxyish {} try { inspect('map', new Mine(1, 2, 3).map((x) => x)); } catch {} await http.fetch(new Mine(1, 2)).catch((error) => inspect('error', error));`,
      ),
      climb(
        'an iterator that listens',
        `const a = { length: 1, get 0() { inspect('this', this); return 'x'; }, [Symbol.iterator]() { inspect('iterator', this); return [][Symbol.iterator](); } }; await http.fetch(a).catch(() => {}); console.log(a); try { structuredClone(a); } catch {} try { new URLSearchParams(a); } catch {}`,
      ),
    ],
  },
  {
    number: 41,
    title: 'promises that WebAssembly hands out',
    group: 'escape',
    attacks: [
      climb(
        'promising',
        `if (typeof WebAssembly !== 'undefined') { inspect('WebAssembly', WebAssembly); const p = WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); inspect('promise', p); if (!(p instanceof Promise)) found('a foreign promise'); try { inspect('module', await p); } catch (error) { inspect('error', error); }
if (WebAssembly.promising) inspect('promising', WebAssembly.promising); if (WebAssembly.Suspending) { try { inspect('suspending', new WebAssembly.Suspending(() => clock.now())); } catch {} } }`,
      ),
    ],
  },
  {
    number: 42,
    title: 'call sites of the stack',
    group: 'escape',
    attacks: [
      climb(
        'prepareStackTrace',
        `const look = (error, sites) => { for (const site of sites) { for (const name of ['getThis', 'getFunction', 'getEvalOrigin']) { let thing; try { thing = site[name](); } catch { continue; } inspect(name, thing); } let file; try { file = String(site.getFileName()); } catch { continue; } if (/node:|node_modules|[/\\\\](?:packages|src)[/\\\\]/.test(file)) found('a path: ' + file); } return ''; };
for (const type of [Error, TypeError, RangeError]) { try { type.prepareStackTrace = look; } catch {} } try { Object.defineProperty(Error, 'prepareStackTrace', { value: look }); } catch {}
try { void new Error('x').stack; null.a; } catch (error) { void error.stack; } try { await http.fetch(1n); } catch (error) { void error.stack; }`,
      ),
      climb(
        'captureStackTrace',
        `const o = {}; if (Error.captureStackTrace) { try { Error.captureStackTrace(o); inspect('stack', o.stack && Object(o.stack)); } catch {} } try { Error.stackTraceLimit = { valueOf() { inspect('this', this); return 1e6; } }; } catch {} const text = String(new Error('x').stack); if (/node:internal|node_modules|[/]walls[/]|[/]adapters[/]|[(][/]/.test(text)) found('a path: ' + text.slice(0, 200));`,
      ),
      climb(
        'the stack of an error of the host',
        `try { await http.fetch('http://' + input.closed); } catch (error) { if (/node:internal|node_modules|[/]walls[/]|[/]runtime[/]|file:/.test(String(error.stack))) found('a path: ' + error.stack); }`,
      ),
    ],
  },
  {
    number: 43,
    title: 'who called',
    group: 'escape',
    attacks: [
      climb(
        'caller and callee',
        `const who = function () { const all = []; for (const get of [() => who.caller, () => who.arguments, () => arguments.callee, () => arguments.callee.caller, () => operations.run.caller, () => Object.getOwnPropertyDescriptor(Function.prototype, 'caller')?.get.call(who)]) { try { all.push(get()); } catch {} } return all; }; for (const each of who()) inspect('caller', each); [1].map(function () { for (const each of who()) inspect('caller', each); });`,
      ),
      climb(
        'through a callback of the platform',
        `const who = function () { try { inspect('caller', who.caller); } catch {} try { inspect('this', this); } catch {} }; setTimeout(who, 0); queueMicrotask(who); new URLSearchParams('a=1').forEach(who); 'a'.replace(/a/, who); JSON.parse('[1]', who); JSON.stringify({ toJSON: who }); await clock.sleep(1);`,
      ),
    ],
  },
  {
    number: 44,
    title: 'names captured with "with"',
    group: 'escape',
    attacks: [
      { ...climb('with', 'with (input) { inspect("x", constructor.constructor); }', isRefused), name: 'a with statement' },
      climb(
        'unscopables',
        `const trap = { has: () => true, get: (_, name) => { inspect('name', name); return undefined; } }; if (typeof Proxy !== 'undefined') { try { Object.setPrototypeOf(globalThis, new Proxy({}, trap)); void somethingUnknown; } catch {} } try { Object.defineProperty(Object.prototype, 'somethingElse', { get() { inspect('this', this); return 1; } }); void somethingElse; } catch {}`,
      ),
    ],
  },
  {
    number: 47,
    title: 'handles of the engine that were left lying about',
    group: 'escape',
    attacks: [
      climb(
        'walking over all that can be reached',
        `const seen = new Set(); const waiting = [['global', globalThis], ['input', input], ['http', http], ['promise', clock.now()], ['error', await http.fetch(1).catch((error) => error)]];
while (waiting.length && seen.size < 20000) { const [label, thing] = waiting.pop(); if (thing === null || (typeof thing !== 'object' && typeof thing !== 'function') || seen.has(thing)) continue; seen.add(thing); power(label, thing); if (typeof thing === 'function') makes(label, thing.constructor);
try { waiting.push([label + '.__proto__', Object.getPrototypeOf(thing)]); for (const key of [...Object.getOwnPropertyNames(thing), ...Object.getOwnPropertySymbols(thing)]) { const at = Object.getOwnPropertyDescriptor(thing, key); for (const part of [at.value, at.get, at.set]) waiting.push([(label + '.' + String(key)).slice(-60), part]); } } catch {} }
if (seen.size < 100) found('the walk was too short to be worth anything: ' + seen.size);`,
      ),
      climb(
        'names that are not listed',
        `for (const name of ['_ivm', 'ivm', '$0', '$1', '$2', '$3', 'global', 'root', 'self', 'window', 'top', 'parent', 'process', 'require', 'module', 'exports', '__dirname', '__filename', 'Buffer', 'setImmediate', 'fetch', 'XMLHttpRequest', 'WebSocket', 'Worker', 'SharedWorker', 'MessageChannel', 'BroadcastChannel', 'navigator', 'performance', 'crypto', 'indexedDB', 'localStorage', 'std', 'os', 'bjson', 'print', 'load', 'loadScript', 'read', 'readFile', 'gc', 'version', 'd8', 'Deno', 'Bun', 'importScripts', 'eval', 'Function', 'ShadowRealm', 'ask', 'hostLog', 'wake', 'granted', 'asked', 'settle', 'glue']) { let thing; try { thing = globalThis[name]; } catch { continue; } if (thing === undefined) continue; inspect(name, thing); if (['process', 'require', 'eval', 'Function', 'ShadowRealm', 'Worker', 'setImmediate', 'gc', 'std', 'os', 'Buffer', 'readFile', 'importScripts', 'XMLHttpRequest', 'WebSocket'].includes(name)) found(name); }`,
      ),
    ],
  },
  {
    number: 46,
    title: 'making code from text',
    group: 'escape',
    attacks: [
      climb(
        'every constructor of functions',
        `const samples = [function () {}, async function () {}, function* () {}, async function* () {}, () => {}, class {}, { get a() { return 1; } }, Math.max, (() => {}).bind(null), Symbol, Promise.resolve, [].map];
for (const sample of samples) { inspect('sample', sample); for (let at = sample; at; at = Object.getPrototypeOf(at)) { for (const name of ['constructor', 'caller', 'call', 'apply', 'bind']) { let thing; try { thing = at[name]; } catch { continue; } makes(name, thing); } } }
makes('getter', Object.getOwnPropertyDescriptor(samples[6], 'a').get.constructor); makes('prototype', Object.getPrototypeOf(async function* () {}).constructor);`,
      ),
      climb(
        'eval, here and elsewhere',
        `for (const make of [() => eval('41+1'), () => (0, eval)('41+1'), () => globalThis.eval('41+1'), () => globalThis['ev' + 'al']('41+1'), () => Function('return 41+1')(), () => new Function('return 41+1')(), () => new ShadowRealm().evaluate('41+1')]) { try { made('eval', make()); } catch {} }`,
      ),
      climb(
        'Reflect.construct',
        `if (typeof Reflect !== 'undefined') { for (const sample of [function () {}, async function () {}, function* () {}]) { try { makes('Reflect', Reflect.construct(Reflect.getPrototypeOf(sample).constructor, ['return 41+1'])); } catch {} try { made('Reflect', Reflect.construct(Function, ['return 41+1'], Array)()); } catch {} try { made('Reflect', Reflect.apply(Reflect.get(sample, 'constructor'), null, ['return 41+1'])()); } catch {} } }`,
      ),
      climb(
        'timers and events that take text',
        `globalThis.hit = 0; for (const run of [() => setTimeout('loot.push(1)', 0), () => setInterval('loot.push(1)', 0), () => queueMicrotask('loot.push(1)'), () => setTimeout({ toString: () => 'loot.push(1)' }, 0)]) { try { run(); } catch {} } await clock.sleep(5);`,
        either(findsNothing, fails),
      ),
      climb(
        'a class whose parent is the maker',
        `for (const parent of [() => (function () {}).constructor, () => (async () => {}).constructor, () => Object.getPrototypeOf(function* () {}).constructor]) { try { class Made extends parent() { constructor() { super('return 41 + 1'); } } const code = new Made(); if (typeof code === 'function') { const value = code(); made('a subclass', value && typeof value.then === 'function' ? await value : value); } } catch {} }`,
      ),
    ],
  },
];
