import { type Case, answers, either, ends, entryFile, fails, granting, script, stops, stopsOrAbsent } from '../case.ts';

const clock = `import { clock } from 'burgeon:cap/clock';\n`;
const clockGrant = { grants: granting('clock') };
const operations = (body: string): string => `export const operations = { run: async () => {\n${body}\n} };\n`;
const never = 'await new Promise(() => {});';

/** Attacks 1 to 8: loops, waits and sums that do not end. */
export const loops: readonly Case[] = [
  {
    number: 1,
    title: 'an endless loop',
    group: 'cpu',
    attacks: [
      script('for (;;)', 'for (;;);', stops),
      {
        name: 'while True in Python',
        language: 'python',
        source: 'def run(input):\n    while True:\n        pass\n',
        judge: stops,
      },
      { name: 'for (;;) in Node', language: 'node', source: operations('for (;;);'), judge: stops },
      script(
        'a loop that catches everything',
        'for (;;) { try { for (;;) { Math.sqrt(2); } } catch {} finally { continue } }',
        stops,
      ),
      script('a loop in a getter of its own', 'const o = { get a() { for (;;); } }; return o.a;', stops),
    ],
  },
  {
    number: 2,
    title: 'a loop after the first await',
    group: 'cpu',
    attacks: [
      script('await null', 'await null; for (;;);', stops),
      script('await of an asynchronous function', 'await (async () => 1)(); await (async () => { for (;;); })();', stops),
    ],
  },
  {
    number: 3,
    title: 'a loop after the answer of a host call',
    group: 'cpu',
    attacks: [
      entryFile('after await', clock + operations('await clock.now(); for (;;);'), stops, clockGrant),
      entryFile('in then', clock + operations(`clock.now().then(() => { for (;;); });\n${never}`), stops, clockGrant),
      entryFile(
        'after its own answer was given',
        clock + operations('void clock.sleep(1).then(() => { for (;;); }); return 1;'),
        either(answers(1), stops),
        { ...clockGrant, lingerMs: 300 },
      ),
      script('in a timer', `setTimeout(() => { for (;;); }, 1);\n${never}`, stops),
      script('in a timer, after its answer', 'setTimeout(() => { for (;;); }, 1); return 1;', either(answers(1), stops), {
        lingerMs: 300,
      }),
    ],
  },
  {
    number: 4,
    title: 'microtasks without end',
    group: 'cpu',
    attacks: [
      script('for (;;) await null', 'for (;;) await null;', stops),
      script('a then that makes the next', `const again = () => Promise.resolve().then(again); again();\n${never}`, stops),
      script('queueMicrotask', `const again = () => queueMicrotask(again); again();\n${never}`, stops),
      script(
        'two more for each',
        `const f = () => { Promise.resolve().then(f); Promise.resolve().then(f); }; f();\n${never}`,
        stops,
      ),
      script(
        'microtasks after the answer',
        'const again = () => Promise.resolve().then(again); again(); return 1;',
        either(answers(1), stops),
        { lingerMs: 300 },
      ),
    ],
  },
  {
    number: 5,
    title: 'a promise that never settles',
    group: 'cpu',
    attacks: [
      script('nothing at all', never, stops),
      script('a timer that keeps it busy', `setInterval(() => {}, 1);\n${never}`, stops),
      entryFile(
        'a host call that takes for ever',
        clock + operations('await clock.sleep(1e9); for (;;) await clock.sleep(1e9);'),
        stops,
        clockGrant,
      ),
      {
        name: 'sleep in Python',
        language: 'python',
        source: 'import time\n\ndef run(input):\n    while True:\n        time.sleep(3600)\n',
        judge: stops,
      },
      {
        name: 'waiting in Node',
        language: 'node',
        source: operations('await new Promise((done) => setTimeout(done, 3_600_000));'),
        judge: stops,
      },
    ],
  },
  {
    number: 6,
    title: 'a regular expression that backtracks for ever',
    group: 'cpu',
    attacks: [
      script('(a+)+', `return /^(a+)+$/.test('a'.repeat(60) + '!');`, stops),
      script('(x+x+)+y', `return /(x+x+)+y/.exec('x'.repeat(60));`, stops),
      script('made at run time', `return new RegExp('(?:a?){60}a{60}').test('a'.repeat(60));`, either(stops, answers(true))),
      script(
        'look-behind in replace',
        String.raw`return ('a'.repeat(60) + 'b').replace(/(?<=(?:a|aa)+)c|(?:a|aa)+$/g, '').length;`,
        stops,
      ),
      {
        name: 'in Python',
        language: 'python',
        source: `import re\n\ndef run(input):\n    return bool(re.match(r'^(a+)+$', 'a' * 60 + '!'))\n`,
        judge: stops,
      },
    ],
  },
  {
    number: 7,
    title: 'squaring whole numbers',
    group: 'cpu',
    attacks: [
      script('BigInt squares', 'let a = 3n; for (;;) a *= a;', fails),
      script('BigInt powers', 'let a = 7n; for (;;) { a = a ** 3n; if (a < 0n) return 1; }', fails),
      script('squares that catch the error', 'for (;;) { try { let a = 3n; for (;;) a *= a; } catch {} }', stops),
      {
        name: 'in Python',
        language: 'python',
        source: 'def run(input):\n    a = 3\n    while True:\n        a *= a\n',
        judge: stops,
      },
    ],
  },
  {
    number: 8,
    title: 'writing out huge numbers',
    group: 'cpu',
    attacks: [
      script('BigInt to text', 'const a = 7n ** 5000000n; for (;;) a.toString();', stops),
      script('text to BigInt', `const text = '7'.repeat(3e7); for (;;) BigInt(text);`, fails),
      {
        name: 'in Python',
        language: 'python',
        source: 'import sys\n\ndef run(input):\n    sys.set_int_max_str_digits(0)\n    return len(str(7 ** 20000000))\n',
        judge: stops,
      },
    ],
  },
];

/** Attacks 9 to 18: built-in functions that loop where nothing looks, and code that runs while others think it is data. */
export const hiddenLoops: readonly Case[] = [
  {
    number: 9,
    title: 'searching arrays that are mostly holes',
    group: 'cpu',
    attacks: [
      script('includes', 'const a = new Array(2 ** 32 - 2); for (;;) a.includes(1);', stops),
      script('indexOf of something like an array', 'return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);', stops),
      script(
        'reverse',
        'const a = []; a[2 ** 32 - 2] = 1; for (;;) Array.prototype.reverse.call({ length: 2 ** 53 - 1 });',
        stops,
      ),
      script('lastIndexOf', 'const a = []; a[2 ** 32 - 3] = 1; a[0] = 2; for (;;) a.lastIndexOf(3);', stops),
      script('copyWithin', 'Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 1, 0); for (;;);', stops),
    ],
  },
  {
    number: 10,
    title: 'joining an array of a quarter of a thousand million',
    group: 'cpu',
    attacks: [
      script('join with nothing', `return new Array(2 ** 28).join('').length;`, ends),
      script('join again and again', `for (;;) { try { new Array(2 ** 28).join(''); } catch {} }`, stops),
      script(
        'toString of nested arrays',
        'let a = [1]; for (let i = 0; i < 30; i++) a = [a, a]; return String(a).length;',
        stops,
      ),
    ],
  },
  {
    number: 11,
    title: 'filling what is huge in one step',
    group: 'cpu',
    attacks: [
      script('fill', 'for (;;) { try { new Array(2 ** 27).fill(0); } catch {} }', stops),
      script('Array.from', 'return Array.from({ length: 1e9 }).length;', fails),
      script('fill of something like an array', 'Array.prototype.fill.call({ length: 2 ** 53 - 1 }, 0);', fails),
      script(
        'push of something like an array',
        'return Array.prototype.splice.call({ length: 2 ** 53 - 1 }, 0, 2 ** 40).length;',
        fails,
      ),
      script('padStart', `for (;;) { try { ''.padStart(2 ** 29 - 30, 'ab').split(''); } catch {} }`, stops),
    ],
  },
  {
    number: 12,
    title: 'a loop in a finaliser, after the answer',
    group: 'cpu',
    attacks: [
      script(
        'FinalizationRegistry',
        `if (typeof FinalizationRegistry === 'undefined') return 'absent';
        const registry = new FinalizationRegistry(() => { for (;;); });
        for (let i = 0; i < 1e5; i++) registry.register({}, i);
        return 1;`,
        either(answers('absent', 1), stops),
        { lingerMs: 300 },
      ),
    ],
  },
  {
    number: 13,
    title: 'waiting on shared memory',
    group: 'cpu',
    attacks: [
      script(
        'Atomics.wait',
        `if (typeof Atomics === 'undefined' || typeof SharedArrayBuffer === 'undefined') return 'absent';
        return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
        either(stopsOrAbsent, fails),
      ),
    ],
  },
  {
    number: 14,
    title: 'a WebAssembly loop',
    group: 'cpu',
    attacks: [
      script(
        'compiled by the module itself',
        `if (typeof WebAssembly === 'undefined') return 'absent';
        const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11]);
        new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f();`,
        stopsOrAbsent,
      ),
    ],
  },
  {
    number: 15,
    title: 'a list without end',
    group: 'cpu',
    attacks: [
      script('for of', 'const ones = function* () { for (;;) yield 1; }; for (const each of ones()) void each;', stops),
      script('spread', 'const ones = function* () { for (;;) yield 1; }; return [...ones()].length;', fails),
      script(
        'Array.from',
        'const same = { next: () => ({ done: false, value: 1 }), [Symbol.iterator]() { return this; } }; return Array.from(same).length;',
        fails,
      ),
      script(
        'Set and Map',
        'const ones = function* () { for (;;) yield [1, 1]; }; return [new Map(ones()), new Set(ones())].length;',
        stops,
      ),
      script('Promise.all', 'const ones = function* () { for (;;) yield 1; }; return await Promise.all(ones());', fails),
      script(
        'an asynchronous generator',
        'const ones = async function* () { for (;;) yield 1; }; for await (const each of ones()) void each;',
        stops,
      ),
    ],
  },
  {
    number: 16,
    title: 'loops in what crosses the wall as data',
    group: 'cpu',
    attacks: [
      script('then of the result', 'return { then() { for (;;); } };', stops),
      script('a getter named then', 'return { get then() { for (;;); } };', stops),
      script('toJSON of the result', 'return { toJSON() { for (;;); } };', stops),
      script('a getter in the result', 'return { get a() { for (;;); } };', stops),
      script('message of the error', 'throw { get message() { for (;;); } };', stops),
      script(
        'stack of the error',
        'const error = new Error(); Object.defineProperty(error, "stack", { get() { for (;;); } }); throw error;',
        stops,
      ),
      script('data of the error', 'throw Object.assign(new Error("x"), { data: { toJSON() { for (;;); } } });', stops),
      script(
        'toString of what is thrown',
        'throw { [Symbol.toPrimitive]() { for (;;); }, toString() { for (;;); } };',
        either(fails, stops),
      ),
      script('what is logged', 'console.log({ toJSON() { for (;;); } });', stops),
      entryFile('operations is a getter', 'export const operations = { get run() { for (;;); } };', stops),
      entryFile(
        'an argument of a host call',
        clock + operations('await clock.sleep({ toJSON() { for (;;); } });'),
        stops,
        clockGrant,
      ),
      entryFile(
        'an export named then',
        'export const then = () => { for (;;); };\nexport const operations = { run: async () => 1 };',
        either(answers(1), stops),
      ),
    ],
  },
  {
    number: 17,
    title: 'loops outside of any call',
    group: 'cpu',
    attacks: [
      entryFile('while loading', 'for (;;);\nexport const operations = {};', stops, { by: 'load' }),
      entryFile('in a static block', 'class A { static { for (;;); } }\nexport const operations = { run: A };', stops, {
        by: 'load',
      }),
      entryFile('top-level await', `${never}\nexport const operations = {};`, either(stops, fails), { by: 'load' }),
      entryFile(
        'microtasks while loading',
        `const f = () => Promise.resolve().then(f); f(); ${never}\nexport const operations = {};`,
        stops,
        { by: 'load' },
      ),
      entryFile('in init', `export const init = () => { for (;;); };\n${operations('return 1;')}`, either(stops, answers(1)), {
        by: 'load',
      }),
      entryFile('in snapshot', `export const snapshot = () => { for (;;); };\n${operations('return 1;')}`, stops, {
        by: 'snapshot',
      }),
      entryFile('in restore', `export const restore = () => { for (;;); };\n${operations('return 1;')}`, stops, {
        by: 'restore',
      }),
      entryFile('in message', `export const message = () => { for (;;); };\n${operations('return 1;')}`, stops, {
        by: 'message',
      }),
      entryFile('in dispose', `export const dispose = () => { for (;;); };\n${operations('return 1;')}`, answers(1), {
        by: 'dispose',
      }),
      entryFile(
        'dispose that never ends',
        `export const dispose = () => new Promise(() => {});\n${operations('return 1;')}`,
        answers(1),
        { by: 'dispose' },
      ),
      { name: 'while Python imports', language: 'python', source: 'while True:\n    pass\n', judge: stops, by: 'load' },
      {
        name: 'while Node imports',
        language: 'node',
        source: 'for (;;);\nexport const operations = {};\n',
        judge: stops,
        by: 'load',
      },
    ],
  },
  {
    number: 18,
    title: 'loops in code that is called back',
    group: 'cpu',
    attacks: [
      script('a comparator', 'return [3, 1, 2].sort(() => { for (;;); });', stops),
      script(
        'a comparator that lies',
        'const a = Array.from({ length: 1e6 }, (_, i) => i); for (;;) a.sort(() => Math.random() - 0.5);',
        stops,
      ),
      script('a replacer', `return 'a'.replace(/a/, () => { for (;;); });`, stops),
      script('valueOf', 'return 1 + { valueOf() { for (;;); } };', stops),
      script(
        'a species of its own',
        'class A extends Array { static get [Symbol.species]() { for (;;); } } return new A(3).map((x) => x);',
        either(stops, fails),
      ),
      script(
        'traps of a proxy',
        `if (typeof Proxy === 'undefined') return 'absent';
        return JSON.stringify(new Proxy({}, { ownKeys() { for (;;); } }));`,
        stopsOrAbsent,
      ),
      script(
        'a proxy as the result',
        `if (typeof Proxy === 'undefined') return 'absent';
        return new Proxy({}, { get() { for (;;); }, getPrototypeOf() { for (;;); } });`,
        stopsOrAbsent,
      ),
      {
        name: 'a comparator in Python',
        language: 'python',
        source: 'def key(each):\n    while True:\n        pass\n\n\ndef run(input):\n    return sorted([3, 1, 2], key=key)\n',
        judge: stops,
      },
    ],
  },
];
