import { type Attack, type Case, type Judge, answers, both, either, entryFile, fails, findsNothing, script } from '../case.ts';

const operations = (body: string): string => `export const operations = { run: async (input) => {\n${body}\n} };\n`;
const http = `import { http } from 'burgeon:cap/http';\n`;
const openGrant: NonNullable<Attack['grants']> = (bait) => [{ kind: 'net.http', scope: { hosts: [bait.open] } }];

/** Runs a poison, then works with the glue as an honest module would. The poison may fail; the work must be right all the same. */
const poison = (name: string, body: string, judge: Judge = either(answers('honest'), fails)): Attack => ({
  name,
  language: 'javascript',
  source: `${http}${operations(`try {\n${body}\n} catch (error) { void error; }\ntry { const answer = await http.fetch('http://' + input.open + '/json'); if (JSON.stringify(answer.status) !== '200') return 'the answer of the host was changed'; } catch (error) { return 'failed: ' + error.message; }\nreturn 'honest';`)}`,
  grants: openGrant,
  judge: both(judge, (_, { seen, bait }) => {
    const odd = seen.find(
      ({ kind, method, args }) =>
        kind !== 'net.http' || method !== 'fetch' || args[0] !== `http://${bait.open}/json` || args.length > 1,
    );
    return odd ? `the host was asked for something else: ${JSON.stringify(odd).slice(0, 200)}` : undefined;
  }),
});

const everyPrototype =
  '[Object, Array, String, Number, Boolean, Promise, Map, Set, RegExp, Error, Function?.prototype ? Function : Object]';

/** Attacks that change what the glue and the module share. */
const pollution: Case = {
  number: 49,
  title: 'prototypes that are changed under the glue',
  group: 'escape',
  attacks: [
    poison('then of everything', `Object.prototype.then = function (done) { done('pwn'); };`),
    poison(
      'then, defined',
      `Object.defineProperty(Object.prototype, 'then', { value: (done) => done('pwn'), configurable: true });`,
    ),
    poison('then of promises', `Promise.prototype.then = function (done) { done('{"ok":true,"value":"pwn"}'); return this; };`),
    poison(
      'toJSON',
      `Object.prototype.toJSON = () => 'pwn'; String.prototype.toJSON = () => 'pwn'; Array.prototype.toJSON = () => ['pwn'];`,
    ),
    poison('parse and stringify', `JSON.parse = () => ({ ok: true, value: 'pwn' }); JSON.stringify = () => '"pwn"';`),
    poison('JSON itself', `globalThis.JSON = { parse: () => ({ status: 500 }), stringify: () => '["pwn"]' };`),
    poison(
      'methods of arrays',
      `for (const name of ['push', 'map', 'join', 'slice', 'concat', 'shift', 'pop', Symbol.iterator]) Array.prototype[name] = function () { return ['pwn']; };`,
    ),
    poison(
      'methods of texts',
      `for (const name of ['slice', 'split', 'concat', 'toString', 'valueOf', 'charCodeAt', 'startsWith']) String.prototype[name] = () => 'pwn';`,
    ),
    poison('methods of maps', `for (const name of ['get', 'set', 'delete', 'has']) Map.prototype[name] = () => (text) => 'pwn';`),
    poison(
      'setters of fields that the glue writes',
      `for (const name of ['ok', 'value', 'error', 'status', 'id', 'kind', 'method', 'missing', '0', '1']) Object.defineProperty(Object.prototype, name, { set() {}, get() { return 'pwn'; }, configurable: true });`,
    ),
    poison('call and apply', `Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => 'pwn';`),
    poison(
      'call and apply by the back door',
      `const f = Object.getPrototypeOf(() => {}); for (const name of ['call', 'apply', 'bind', Symbol.hasInstance]) Object.defineProperty(f, name, { value: () => 'pwn' });`,
    ),
    poison(
      'the constructor of promises',
      `globalThis.Promise = class { constructor() { return { then: (done) => done('pwn') }; } }; Object.defineProperty(Promise, Symbol.species, { value: Array });`,
    ),
    poison(
      'the capability itself',
      `http.fetch = async () => ({ status: 500 }); Object.defineProperty(http, 'fetch', { value: async () => ({ status: 500 }) });`,
    ),
    poison(
      'prototypes of prototypes',
      `for (const type of [Array, Promise, Map, String]) { try { Object.setPrototypeOf(type.prototype, { then: (done) => done('pwn') }); } catch {} } Object.setPrototypeOf(Object.prototype, { then: (done) => done('pwn') });`,
    ),
    poison(
      'deleting',
      `for (const type of ${everyPrototype}) { try { for (const name of Object.getOwnPropertyNames(type.prototype)) { try { delete type.prototype[name]; } catch {} } } catch {} } for (const name of Object.getOwnPropertyNames(globalThis)) { try { delete globalThis[name]; } catch {} }`,
    ),
    poison(
      'iterators',
      `Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({ done: true }); Object.getPrototypeOf(new Map()[Symbol.iterator]()).next = () => ({ done: true, value: 'pwn' });`,
    ),
    poison(
      'errors',
      `Error.prototype.toString = () => 'pwn'; Object.defineProperty(Error.prototype, 'message', { get: () => 'pwn' }); globalThis.Error = globalThis.TypeError = class { get message() { return 'pwn'; } };`,
    ),
    poison(
      'what is swapped after it was checked',
      `const options = { get method() { options.n = (options.n ?? 0) + 1; return options.n > 1 ? 'DELETE' : 'GET'; } }; void options;`,
    ),
    {
      ...script(
        'a word left for the neighbour',
        `for (const leave of [() => { globalThis.left = 'word'; }, () => { Object.prototype.left = 'word'; }, () => { Symbol.for('left').description; Array.prototype.left = 'word'; }, () => { Error.left = 'word'; }, () => { console.left = 'word'; }, () => { setTimeout.left = 'word'; }]) { try { leave(); } catch {} } return [];`,
        findsNothing,
      ),
      accomplice: operations(
        `const loot = []; for (const [name, look] of Object.entries({ global: () => globalThis.left, object: () => ({}).left, array: () => [].left, error: () => Error.left, console: () => console.left, timer: () => setTimeout.left })) { let word; try { word = look(); } catch {} if (word !== undefined) loot.push(name); } return loot;`,
      ),
    },
  ],
};

/** Odd keys, in and out. */
const keys: Case = {
  number: 50,
  title: 'keys named __proto__ and constructor',
  group: 'escape',
  attacks: [
    script(
      'in the input',
      `const loot = []; if (({}).polluted !== undefined || [].polluted !== undefined) loot.push('polluted'); if (Object.getPrototypeOf(input) !== Object.prototype) loot.push('another prototype'); return loot;`,
      findsNothing,
      {
        input: JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as Record<string, never>,
      },
    ),
    script(
      'in the result',
      `return JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');`,
      (outcome) =>
        outcome.kind === 'answered' &&
        (outcome.value as { polluted?: number }).polluted === undefined &&
        ({} as { polluted?: number }).polluted === undefined
          ? undefined
          : 'the result changed a prototype outside',
    ),
    script(
      'in the data of an error',
      `throw Object.assign(new Error('x'), { data: JSON.parse('{"__proto__":{"polluted":1}}'), code: '__proto__', name: 'constructor' });`,
      (outcome) =>
        outcome.kind === 'failed' && outcome.code === 'MODULE_FAILED' && ({} as { polluted?: number }).polluted === undefined
          ? undefined
          : 'the error changed something outside',
    ),
    entryFile(
      'in an argument of a host call',
      `${http}${operations(`try { await http.fetch('http://' + input.open + '/json', JSON.parse('{"__proto__":{"method":"DELETE"},"headers":{"__proto__":{"x":"1"}}}')); } catch {} return [];`)}`,
      both(findsNothing, () => (({}) as { x?: string }).x === undefined ? undefined : 'a prototype outside was changed'),
      { grants: openGrant },
    ),
    ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', '', 'run\u0000'].map(
      (operation) =>
        script(
          `as the name of an operation: ${JSON.stringify(operation)}`,
          'return 1;',
          (outcome) =>
            outcome.kind === 'failed' && outcome.code === 'OPERATION_NOT_FOUND'
              ? undefined
              : `it was called: ${JSON.stringify(outcome)}`,
          { operation },
        ),
    ),
    script(
      'as a kind of capability',
      `const loot = []; for (const name of ['__proto__', 'constructor', 'toString', 'fs', 'net.http', 'process']) { try { const power = globalThis.$capability(name); for (const method of ['call', 'fetch', 'read', 'now']) { try { loot.push(name + '.' + method + ' gave ' + (await power[method]('/etc/passwd'))); } catch {} } } catch {} } return loot;`,
      findsNothing,
    ),
  ],
  elsewhere: {
    process: 'The names are looked up in the module of the program; outside they are data, as for every host.',
  },
};

/** Attacks 49 and 50: on what a module shares with the glue. */
export const sharing: readonly Case[] = [pollution, keys];
