import {
  type Attack,
  type Case,
  type Judge,
  either,
  ends,
  entryFile,
  fails,
  granting,
  isRefused,
  reaches,
  script,
  stops,
  stopsOrAbsent,
} from '../case.ts';

const http = `import { http } from 'burgeon:cap/http';\n`;
const operations = (body: string): string => `export const operations = { run: async (input) => {\n${body}\n} };\n`;

/** Ends by a limit, or by the engine's own word that there is no room. */
const fills: Judge = (outcome, scene) =>
  outcome.kind === 'failed' &&
  outcome.code === 'MODULE_FAILED' &&
  /memory|length|size|alloc|stack|too (?:large|big|many|long)/i.test(outcome.message)
    ? undefined
    : stops(outcome, scene);

const python = (name: string, source: string, judge: Judge = fills): Attack => ({ name, language: 'python', source, judge });

/** Attacks 19 to 29: more and more memory, also where an engine does not count. */
export const growth: readonly Case[] = [
  {
    number: 19,
    title: 'small things without end',
    group: 'memory',
    attacks: [
      script('objects', 'const all = []; for (;;) all.push({ a: all.length });', fills),
      script('a chain', 'let last = {}; for (;;) last = { last };', fills),
      script('functions', 'const all = []; for (let i = 0; ; i++) all.push(() => i);', fills),
      script('promises that wait', 'const all = []; for (;;) all.push(new Promise(() => {}).then(() => all));', fills),
      script(
        'again after every error',
        'const all = []; for (;;) { try { for (;;) all.push(new Array(1000).fill(1.5)); } catch { all.length = 0; } }',
        stops,
      ),
      python('lists in Python', 'def run(input):\n    all = []\n    while True:\n        all.append([len(all)])\n'),
      {
        name: 'objects in Node',
        language: 'node',
        source: operations('const all = []; for (;;) all.push({ a: all.length });'),
        judge: fills,
      },
    ],
  },
  {
    number: 20,
    title: 'buffers outside the heap',
    group: 'memory',
    attacks: [
      script('Uint8Array', 'const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1));', fills),
      script(
        'ArrayBuffer',
        'const all = []; for (;;) { const b = new ArrayBuffer(8 << 20); new Float64Array(b).fill(1); all.push(b); }',
        fills,
      ),
      python('bytearray', 'def run(input):\n    all = []\n    while True:\n        all.append(bytearray(b"x" * (1 << 20)))\n'),
      {
        name: 'Buffer',
        language: 'node',
        source: operations('const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1));'),
        judge: fills,
      },
    ],
  },
  {
    number: 21,
    title: 'one buffer of a gigabyte',
    group: 'memory',
    attacks: [
      script('Uint8Array', 'return new Uint8Array(2 ** 30).fill(1).length;', fills),
      script(
        'ArrayBuffer of four',
        'const b = new Uint8Array(new ArrayBuffer(2 ** 32)); for (let i = 0; i < b.length; i += 4096) b[i] = 1; return 1;',
        fills,
      ),
      python('bytes', 'def run(input):\n    return len(b"x" * (1 << 30))\n'),
      {
        name: 'mmap in Python',
        language: 'python',
        source:
          'import mmap\n\ndef run(input):\n    m = mmap.mmap(-1, 1 << 30)\n    for at in range(0, 1 << 30, 4096):\n        m[at] = 1\n    return 1\n',
        judge: fills,
      },
    ],
  },
  {
    number: 22,
    title: 'buffers that grow',
    group: 'memory',
    attacks: [
      script(
        'resize',
        `if (typeof ArrayBuffer.prototype.resize !== 'function') return 'absent';
        const b = new ArrayBuffer(0, { maxByteLength: 2 ** 30 });
        for (let size = 2 ** 20; size <= 2 ** 30; size += 2 ** 20) { b.resize(size); new Uint8Array(b, size - 2 ** 20).fill(1); }
        return 1;`,
        either(stopsOrAbsent, fills),
      ),
      script(
        'transfer',
        `if (typeof ArrayBuffer.prototype.transfer !== 'function') return 'absent';
        let b = new ArrayBuffer(2 ** 20);
        for (;;) { b = b.transfer(b.byteLength * 2); new Uint8Array(b).fill(1); }`,
        either(stopsOrAbsent, fills),
      ),
    ],
  },
  {
    number: 23,
    title: 'text that doubles',
    group: 'memory',
    attacks: [
      script('+=', `let s = 'x'; for (;;) s += s;`, fills),
      script(
        'written out',
        `const all = []; for (;;) { let s = 'x' + all.length; while (s.length < 1e7) s += s; all.push(s.replaceAll('x', 'yy')); }`,
        fills,
      ),
      script('repeat and split', `return 'x'.repeat(2 ** 28).split('').length;`, fills),
      python('in Python', 'def run(input):\n    s = "x"\n    while True:\n        s += s\n'),
    ],
  },
  {
    number: 24,
    title: 'half a thousand million characters as an array',
    group: 'memory',
    attacks: [
      script('spread', `return [...'.'.repeat(2 ** 29 - 24)].length;`, fills),
      script('Array.from', `return Array.from('.'.repeat(2 ** 28), (c) => c + c).length;`, fills),
      script('of emoji', `return [...'\u{1F600}'.repeat(2 ** 26)].length;`, fills),
    ],
  },
  {
    number: 25,
    title: 'a buffer as an array',
    group: 'memory',
    attacks: [
      script('Array.from', 'return Array.from(new Uint8Array(2 ** 28)).length;', fills),
      script('spread', 'return [...new Uint8Array(2 ** 28)].length;', fills),
      script('as arguments', 'return String.fromCharCode.apply(null, new Uint8Array(2 ** 27)).length;', fills),
    ],
  },
  {
    number: 26,
    title: 'an object with ever more properties',
    group: 'memory',
    attacks: [
      script('named', `const o = {}; for (let i = 0; ; i++) o['key ' + i] = i;`, fills),
      script('numbered, far apart', 'const o = []; for (let i = 0; ; i += 1000003) o[i % 4294967290] = [i];', fills),
      script('symbols', 'const o = {}; for (;;) o[Symbol()] = 1;', fills),
    ],
  },
  {
    number: 27,
    title: 'collections without end',
    group: 'memory',
    attacks: [
      script('Map', 'const m = new Map(); for (let i = 0; ; i++) m.set(i, i);', fills),
      script(
        'many Maps',
        'const all = []; for (;;) { const m = new Map(); for (let i = 0; i < 1e5; i++) m.set(i, {}); all.push(m); }',
        fills,
      ),
      script('Set of texts', `const s = new Set(); for (let i = 0; ; i++) s.add('text ' + i);`, fills),
      script('Symbol.for', `for (let i = 0; ; i++) Symbol.for('burgeon ' + i + 'x'.repeat(1000));`, fills),
    ],
  },
  {
    number: 28,
    title: 'things that the heap does not count',
    group: 'memory',
    attacks: [
      script(
        'Intl',
        `if (typeof Intl === 'undefined') return 'absent';
        const all = []; for (;;) all.push(new Intl.DateTimeFormat('de', { dateStyle: 'full' }), new Intl.Collator('sv'), new Intl.NumberFormat('hi'));`,
        either(stopsOrAbsent, fills),
      ),
      script(
        'regular expressions',
        `const all = []; for (let i = 0; ; i++) { const r = new RegExp('(a|b){500}' + i); r.test('ab' + i); all.push(r); }`,
        fills,
      ),
      script('dates as text', 'const all = []; for (let i = 0; ; i++) all.push(new Date(i * 1e7).toLocaleString() + i);', fills),
    ],
  },
  {
    number: 29,
    title: 'memories and tables of WebAssembly',
    group: 'memory',
    attacks: [
      script(
        'memories',
        `if (typeof WebAssembly === 'undefined') return 'absent';
        const all = []; for (;;) { const m = new WebAssembly.Memory({ initial: 256 }); new Uint8Array(m.buffer).fill(1); all.push(m); }`,
        either(stopsOrAbsent, fills),
      ),
      script(
        'tables',
        `if (typeof WebAssembly === 'undefined') return 'absent';
        const all = []; for (;;) all.push(new WebAssembly.Table({ initial: 1e7, element: 'anyfunc' }));`,
        either(stopsOrAbsent, fills),
      ),
    ],
  },
];

const nested = (depth: string): string => `let a = []; for (let i = 0; i < ${depth}; i++) a = [a];`;

/** Attacks 30 to 35: depth, and sizes of what crosses the wall or is compiled. */
export const sizes: readonly Case[] = [
  {
    number: 30,
    title: 'lists in lists in lists',
    group: 'memory',
    attacks: [
      script('a result', `${nested('5e6')} return a;`, ends),
      script('a result that is just not too deep', `${nested('5000')} return a;`, ends),
      script('read from text', `return JSON.stringify(JSON.parse('['.repeat(5e6) + ']'.repeat(5e6))).length;`, ends),
      script('an error that carries them', `${nested('1e6')} throw Object.assign(new Error('deep'), { data: a });`, ends),
      script(
        'text that doubles each time it is quoted',
        `let a = '"'; for (let i = 0; i < 40; i++) a = JSON.stringify(a); return a;`,
        fails,
      ),
      entryFile('an argument of a host call', http + operations(`${nested('1e6')} return http.fetch(a);`), ends, {
        grants: granting('net.http'),
      }),
      python('in Python', 'def run(input):\n    a = []\n    for _ in range(5000000):\n        a = [a]\n    return a\n', ends),
    ],
  },
  {
    number: 31,
    title: 'chains that are walked by recursion',
    group: 'memory',
    attacks: [
      script('bind', 'let f = () => 1; for (let i = 0; i < 1e6; i++) f = f.bind(null); return f();', ends),
      script('prototypes', `let o = {}; for (let i = 0; i < 2e6; i++) o = Object.create(o); for (;;) void o.nothing;`, fails),
      script(
        'proxies',
        `if (typeof Proxy === 'undefined') return 'absent';
        let p = {}; for (let i = 0; i < 1e6; i++) p = new Proxy(p, {}); return p.nothing === undefined;`,
        ends,
      ),
      script(
        'text put together in the wrong order',
        `let s = ''; for (let i = 0; i < 2e6; i++) s = 'x' + s + 'y'; return s.charCodeAt(1e6);`,
        ends,
      ),
      script(
        'promises',
        'let p = Promise.resolve(1); for (let i = 0; i < 1e6; i++) { const q = p; p = (async () => q)(); } return p;',
        ends,
      ),
      script('causes', 'let e = new Error("x"); for (let i = 0; i < 1e5; i++) e = new Error("x", { cause: e }); throw e;', ends),
    ],
  },
  {
    number: 32,
    title: 'recursion',
    group: 'memory',
    attacks: [
      script('plain', 'const f = () => f() + 1; return f();', fails),
      script('in finally', 'const f = () => { try { f(); } finally { f(); } }; f();', fails),
      script('through a getter', 'const o = { get a() { return this.a; } }; return o.a;', fails),
      script('through toString', 'const o = { toString: () => `${o}` }; return `${o}`;', fails),
      script('through a comparator', 'const f = () => [1, 2].sort(f); return f();', fails),
      script('asynchronous', 'const f = async () => { await f(); }; await f();', fails),
      script('in a regular expression', `return new RegExp('('.repeat(1e6) + ')'.repeat(1e6)).test('');`, fails),
      script('at every depth', 'for (;;) { const f = () => { try { return f(); } catch { return 1; } }; f(); }', stops),
      python('in Python', 'import sys\n\nsys.setrecursionlimit(1 << 30)\n\n\ndef run(input):\n    return run(input)\n', fails),
      {
        name: 'through the stack guard in Node',
        language: 'node',
        source: operations('const f = () => f() + 1; return f();'),
        judge: fails,
      },
    ],
  },
  {
    number: 33,
    title: 'text of enormous size as code',
    group: 'memory',
    attacks: [
      script(
        'eval',
        `if (typeof eval === 'undefined') return 'absent'; return eval('1' + ' '.repeat(2 ** 28));`,
        either(stopsOrAbsent, fails),
      ),
      script('a regular expression', `return new RegExp('(?:' + 'ab|'.repeat(2e7) + 'c)').test('c');`, ends),
      script('a regular expression that counts', `return new RegExp('((a{1,1000}){1,1000}){1,1000}').test('a');`, ends),
      script(
        'a data address',
        `try { await import('data:text/javascript,export default "' + 'x'.repeat(2 ** 26) + '"'); return 'loaded'; } catch { return 'absent'; }`,
        stopsOrAbsent,
      ),
    ],
  },
  {
    number: 34,
    title: 'things of enormous size that cross the wall',
    group: 'memory',
    attacks: [
      script('a result', `return 'x'.repeat(2 ** 29 - 100);`, fails),
      script('a result of many keys', `const o = {}; for (let i = 0; i < 3e6; i++) o['k' + i] = 1; return o;`, fails),
      script('a result that is written with escapes', `return String.fromCharCode(1).repeat(2 ** 25);`, fails),
      script('an error', `throw new Error('x'.repeat(2 ** 27));`, fails),
      script(
        'a name of an error',
        `const e = new Error('x'); e.name = 'y'.repeat(2 ** 27); e.stack = 'z'.repeat(2 ** 27); throw e;`,
        fails,
      ),
      script('data of an error', `throw Object.assign(new Error('x'), { data: 'y'.repeat(2 ** 27) });`, fails),
      script('a line of the log', `console.log('x'.repeat(2 ** 27)); return 1;`, ends),
      script('a flood of the log', `for (;;) console.log('x'.repeat(1000));`, stops),
      script('a result a little too large', `return 'x'.repeat(2 ** 21);`, reaches('resultBytes'), {
        limits: { resultBytes: 2 ** 20 },
      }),
      entryFile('an argument of a host call', http + operations(`return http.fetch('x'.repeat(2 ** 27));`), fails, {
        grants: granting('net.http'),
      }),
      entryFile(
        'many arguments of a host call',
        http + operations(`return http.fetch(...new Array(1e5).fill('x'.repeat(1000)));`),
        fails,
        { grants: granting('net.http') },
      ),
      entryFile(
        'a name of a host method',
        http +
          operations(
            `const f = globalThis.$capability?.('x'.repeat(2 ** 25)); return f?.fetch('x') ?? Promise.reject(new Error('x'.repeat(100)));`,
          ),
        fails,
        { grants: granting('net.http') },
      ),
      python('a result of Python', 'def run(input):\n    return "x" * (1 << 27)\n', fails),
      python('an error of Python', 'def run(input):\n    raise ValueError("x" * (1 << 26))\n', fails),
      { name: 'a result of Node', language: 'node', source: operations(`return 'x'.repeat(2 ** 27);`), judge: fails },
      {
        name: 'a flood of standard error',
        language: 'node',
        source: operations(`for (;;) process.stderr.write('x'.repeat(1 << 16));`),
        judge: stops,
      },
    ],
  },
  {
    number: 35,
    title: 'code that is a burden to compile',
    group: 'memory',
    attacks: [
      entryFile(
        'ten megabytes',
        () => `export const operations = { run: async () => [${'"0123456789",'.repeat(800_000)}].length };`,
        ends,
        { by: 'load' },
      ),
      entryFile(
        'a hundred thousand functions',
        () =>
          `${Array.from({ length: 100_000 }, (_, i) => `function f${i}(a) { return a + ${i}; }`).join('\n')}\nexport const operations = { run: async () => f1(1) };`,
        ends,
      ),
      entryFile(
        'a switch of a million cases',
        () =>
          `export const operations = { run: async (input) => { switch (input.pid) { ${Array.from({ length: 1_000_000 }, (_, i) => `case ${i}:`).join('')} return 1; } return 0; } };`,
        ends,
      ),
      entryFile(
        'brackets in brackets',
        () => `export const operations = { run: async () => ${'['.repeat(200_000)}${']'.repeat(200_000)} };`,
        ends,
      ),
      entryFile('arrows in arrows', () => `export const operations = { run: ${'() => '.repeat(50_000)} 1 };`, ends),
      entryFile(
        'names in names',
        () =>
          `export const operations = { run: async () => { ${'{ let a = 1; '.repeat(20_000)}${'}'.repeat(20_000)} return 1; } };`,
        ends,
      ),
      {
        name: 'in Python',
        language: 'python',
        source: () => `def run(input):\n    return ${'('.repeat(100_000)}${')'.repeat(100_000)}\n`,
        judge: isRefused,
        by: 'load',
      },
      {
        name: 'constants of Python',
        language: 'python',
        source: 'def run(input):\n    return len(eval("1" + "+1" * 2000000))\n',
        judge: fails,
      },
    ],
  },
];
