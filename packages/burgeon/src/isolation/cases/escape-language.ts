import {
  type Attack,
  type Case,
  answers,
  both,
  either,
  entryFile,
  fails,
  findsNothing,
  isRefused,
  script,
  stops,
} from '../case.ts';

const operations = (body: string): string => `export const operations = { run: async (input) => {\n${body}\n} };\n`;

/** A file that imports something and hands it out. */
const importing = (specifier: string, more = ''): Attack =>
  entryFile(
    `import ${JSON.stringify(specifier)}${more}`,
    `import * as thing from ${JSON.stringify(specifier)}${more};\n${operations('return Object.keys(thing);')}`,
    isRefused,
  );

const wanted = [
  'node:fs',
  'fs',
  'node:process',
  'node:child_process',
  'isolated-vm',
  'file:///etc/passwd',
  '/etc/passwd',
  '../../../../etc/passwd',
  './../index.js',
  './%2e%2e/%2e%2e/etc/passwd',
  'data:text/javascript,export default 1',
  'https://example.com/x.js',
  'burgeon:cap/http',
  'burgeon:cap/nothing',
  'burgeon:evaluator',
  'burgeon',
  '@burgeon/kit',
  '#internal',
  '',
];

/** What the JavaScript of a module may bring in. */
const imports: Case = {
  number: 45,
  title: 'imports that were not granted',
  group: 'escape',
  attacks: [
    ...wanted.map((specifier) => importing(specifier)),
    importing('./plugin.json', ` with { type: 'json' }`),
    importing('./index.wasm', ` with { type: 'bytes' }`),
    script(
      'dynamic import',
      `const loot = []; for (const name of ${JSON.stringify(wanted)}) { try { const thing = await import(name); loot.push(name + ': ' + Object.keys(thing).slice(0, 5)); } catch {} } return loot;`,
      findsNothing,
    ),
    script(
      'dynamic import with a name that changes',
      `let times = 0; const name = { toString: () => (times++ === 0 ? './index.js' : 'node:fs') }; const loot = []; for (let i = 0; i < 4; i++) { try { const thing = await import(name); if (thing.readFileSync || thing.default?.readFileSync) loot.push('fs'); } catch {} } return loot;`,
      findsNothing,
    ),
    script(
      'import.meta',
      `const loot = []; for (const name of ['dirname', 'filename', 'resolve', 'main', 'require']) { try { if (import.meta[name] !== undefined) loot.push(name + ': ' + import.meta[name]); } catch {} } try { if (/^[/]|file:[/]{3}(?!module)/.test(String(import.meta.url ?? ''))) loot.push(import.meta.url); } catch {} return loot;`,
      findsNothing,
    ),
    entryFile(
      'a module that loads itself again and again',
      `${operations(`for (let i = 0; i < 1e5; i++) { try { await import('./index.js?' + i); } catch {} } return [];`)}`,
      either(findsNothing, stops),
      { limits: { wallMs: 400, cpuMs: 300 } },
    ),
  ],
  elsewhere: { process: 'A process imports what its language has; what it can do with it is cases 61 to 76.' },
};

/** Machine code handed in as if it were a cache. */
const forged: Case = {
  number: 48,
  title: 'machine code and snapshots forged in the bundle',
  group: 'escape',
  attacks: [
    entryFile(
      'files beside the entry',
      operations('return [];'),
      both(findsNothing, (_, { asked }) => {
        const odd = asked.filter((path) => /cache|snapshot|\.(?:bin|pyc|blob|node|so)$/i.test(path));
        return odd.length > 0 ? `the host read ${odd.join(', ')} of the bundle` : undefined;
      }),
      {
        files: Object.fromEntries(
          [
            'index.js.cache',
            'index.js.cachedData',
            'snapshot.blob',
            'snapshot.bin',
            'index.node',
            '__pycache__/index.cpython-311.pyc',
            'node_modules/.cache/index.js',
          ].map((path) => [path, '\u0000forged']),
        ),
      },
    ),
    entryFile(
      'a state that claims to be a snapshot of the engine',
      `let state = null; export const snapshot = () => state; export const restore = (given) => { state = given; };\n${operations('return 1;')}`,
      either(answers(1), fails),
      {
        by: 'restore',
        input: {
          memory: 'AAAA',
          version: 1,
          vm: 'AGFzbQEAAAA=',
          cachedData: 'AAAA',
          snapshot: { stackPointer: -1, runtimePtr: 0, contextPtr: 0 },
        },
      },
    ),
    entryFile(
      'a state with everything that a prototype has',
      `let state = null; export const snapshot = () => state; export const restore = (given) => { state = given; };\n${operations('return ({}).polluted === undefined ? 1 : 2;')}`,
      answers(1),
      {
        by: 'restore',
        input: JSON.parse(
          '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toJSON":1,"then":1}',
        ) as Record<string, never>,
      },
    ),
    {
      name: 'a forged cache of Python',
      language: 'python',
      source: 'def run(input):\n    return []\n',
      files: { '__pycache__/index.cpython-311.pyc': 'forged', 'sitecustomize.py': 'raise SystemExit(3)\n' },
      judge: findsNothing,
    },
  ],
  elsewhere: { wasm: 'A binary is compiled anew from the signed bytes each time; a cache of compiled code is not kept at all.' },
};

/** Two Python sandboxes that are not used, and what stands in their place. */
const pythons: readonly Case[] = [
  {
    number: 51,
    title: 'the door from Python to JavaScript (pyodide)',
    group: 'escape',
    attacks: [
      {
        name: 'import js',
        language: 'python',
        source:
          'def run(input):\n    loot = []\n    for name in ("js", "pyodide", "pyodide_js", "_pyodide", "micropip"):\n        try:\n            loot.append(str(__import__(name)))\n        except ImportError:\n            pass\n    return loot\n',
        judge: findsNothing,
      },
    ],
    elsewhere: {
      isolate: 'There is no Python inside: pyodide is not used, Python is a process of its own.',
      strict: 'There is no Python inside: pyodide is not used, Python is a process of its own.',
      wasm: 'There is no Python inside: pyodide is not used, Python is a process of its own.',
    },
  },
  {
    number: 52,
    title: 'climbing through formatting and exceptions of Python',
    group: 'escape',
    attacks: [
      {
        name: 'frames, format and AttributeError.obj',
        language: 'python',
        source: `import os


def run(input):
    texts = [f"{key}={value}" for key, value in os.environ.items()]
    try:
        input.nothing
    except AttributeError as error:
        texts.append(repr(getattr(error, "obj", "")))
        frame = error.__traceback__.tb_frame
        while frame:
            for names in (frame.f_globals, frame.f_locals):
                for name in list(names):
                    if name != "texts":
                        texts.append(repr(names[name])[:4000])
            frame = frame.f_back
    texts.append("{0.__init__.__globals__}".format(os._wrap_close))
    return [each[:300] for each in texts if "can" + "ary-" in each]
`,
        judge: findsNothing,
      },
    ],
    elsewhere: {
      isolate: 'There is no Python inside, and no interpreter is trusted to be the wall of Python.',
      strict: 'There is no Python inside, and no interpreter is trusted to be the wall of Python.',
      wasm: 'There is no Python inside, and no interpreter is trusted to be the wall of Python.',
    },
  },
];

const looks = (name: string, expression: string): Attack =>
  script(
    name,
    `let thing; try { thing = ${expression}; } catch { thing = undefined; } return thing === undefined ? [] : [String(thing).slice(0, 100)];`,
    findsNothing,
  );

/** Text that a scanner reads differently from the engine. */
const evasion: Case = {
  number: 53,
  title: 'code written so that a scanner misreads it',
  group: 'escape',
  attacks: [
    looks('escapes in names', String.raw`typeof pr\u006fcess === 'undefined' ? undefined : pr\u006fcess`),
    looks(
      'computed names',
      `globalThis[['p', 'rocess'].join('')] ?? globalThis['requ' + 'ire'] ?? globalThis[atob('cHJvY2Vzcw==')]`,
    ),
    looks('names from char codes', `globalThis[String.fromCharCode(112, 114, 111, 99, 101, 115, 115)]`),
    looks('a tagged template', 'globalThis.eval?.(`pro${"cess"}`)'),
    looks('a member of a list', `[globalThis].map((g) => g['proces' + 's'])[0]`),
    looks('destructuring', `(({ process: p, require: r }) => p ?? r)(globalThis)`),
    looks('a comment that ends where one does not see it', '/* // */ globalThis.process /* */'),
    looks('a line that a separator ends', 'globalThis.nothing // \u2028 ?? globalThis.process\n'),
    entryFile(
      'comments of pages',
      `<!-- \nexport const operations = { run: async () => process };\n--> `,
      either(fails, isRefused),
    ),
    entryFile(
      'a line for the shell',
      `#!/usr/bin/env node\nexport const operations = { run: async () => typeof process === 'undefined' && typeof require === 'undefined' ? [] : ['process'] };`,
      either(findsNothing, fails),
    ),
    entryFile(
      'code in comments of types',
      `type A = /* */ string;\nconst a = (/* ; */ (globalThis as Record<string, unknown>)['process'] as unknown /* as */);\nexport const operations = { run: async (): Promise<unknown[]> => a === undefined ? [] : ['process'] };`,
      either(findsNothing, fails),
      { entry: 'index.ts' },
    ),
    entryFile(
      'types that only look like types',
      `declare const process: unknown;\nenum Evil { A = (() => 1)() }\nexport const operations = { run: async () => typeof process === 'undefined' ? [] : ['process'] };`,
      either(findsNothing, isRefused),
      { entry: 'index.ts' },
    ),
    entryFile(
      'an import in an attribute of a type',
      `type T = typeof import('node:fs');\nimport type { Stats } from 'node:fs';\nexport const operations = { run: async (): Promise<string[]> => typeof require === 'undefined' ? [] : ['require'] };`,
      either(findsNothing, fails),
      { entry: 'index.ts' },
    ),
    entryFile(
      'a name of a file that lies',
      `import './data.json';\n${operations('return [];')}`,
      either(isRefused, findsNothing),
      { files: { 'data.json': 'globalThis.process.exit(1)' } },
    ),
  ],
  elsewhere: {
    process: 'No scanner stands between a process and its walls.',
  },
};

/** Attacks 45, 48 and 51 to 53: on what a module may bring in, and on who reads its text. */
export const language: readonly Case[] = [imports, forged, ...pythons, evasion];
