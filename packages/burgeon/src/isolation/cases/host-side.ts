import type { Limits } from '@burgeon/kit';
import {
  type Attack,
  type Case,
  type Judge,
  answers,
  both,
  either,
  ends,
  entryFile,
  fails,
  findsNothing,
  granting,
  reaches,
  script,
  stops,
} from '../case.ts';

const imports = `import { http } from 'burgeon:cap/http';\nimport { clock } from 'burgeon:cap/clock';\nimport { secret } from 'burgeon:cap/secret';\nimport { modules } from 'burgeon:cap/module';\n`;

/** The secret that programs of case 60 are granted; its value holds the canary. */
export const grantedSecret = 'skill/attack/token';

const grants: NonNullable<Attack['grants']> = (bait) => [
  { kind: 'net.http', scope: { hosts: [bait.open] } },
  { kind: 'secret.use', scope: { names: [grantedSecret] } },
  { kind: 'module.call', scope: { ids: ['skill/nobody'] } },
  ...granting('clock')(bait),
];

/** A program that may call the host. */
const caller = (name: string, body: string, judge: Judge, more: Partial<Attack> = {}): Attack => ({
  name,
  language: 'javascript',
  source: `${imports}export const operations = { run: async (input) => {\n${body}\n} };\n`,
  grants,
  judge,
  ...more,
});

/** A program in Python that may call the host. */
const python = (name: string, body: string, judge: Judge): Attack => ({
  name,
  language: 'python',
  source: `import asyncio\nfrom burgeon import http, clock, secret, modules\n\n\nasync def run(input):\n${body.trim().replaceAll(/^(?=.)/gm, '    ')}\n`,
  grants,
  judge,
});

/** Every call of the list settles: what is not an answer is an error of the module's own world, and the host sees JSON. */
const settles = (name: string, values: string): Attack =>
  caller(
    name,
    `const loot = []; let at = 0; for (const value of [${values}]) { at += 1; let state = 'hung'; try { const answer = http.fetch(value, value); await answer; state = 'settled'; } catch { state = 'settled'; } if (state !== 'settled') loot.push(String(at)); } return loot;`,
    both(findsNothing, (_, { seen }) =>
      seen.every(({ args }) => Array.isArray(args) && args.every((each) => each !== undefined))
        ? undefined
        : 'the host was handed something that is no JSON',
    ),
  );

/** Floods have little time; a second's worth of host calls is far more than that. */
const brief: Partial<Limits> = { wallMs: 300, cpuMs: 200, hostCallsPerSecond: 200 };

/** Whatever became of it, no more host calls were carried out than its limits allow. */
const bounded = (judge: Judge): Judge =>
  both(judge, (_, { calls, inFlight, limits, tookMs }) => {
    const most = limits.hostCallsPerSecond * (Math.ceil(tookMs / 1_000) + 1);
    if (calls > most)
      return `${calls} host calls reached the control plane in ${Math.round(tookMs)} ms, of ${limits.hostCallsPerSecond} a second`;
    return inFlight > limits.pendingCalls
      ? `${inFlight} host calls were in flight together, of ${limits.pendingCalls}`
      : undefined;
  });

const flood = (name: string, body: string, judge: Judge, more: Partial<Attack> = {}): Attack =>
  caller(name, body, bounded(judge), { ...more, limits: { ...brief, ...more.limits } });

/** Attacks 54 to 56: on the part of the control plane that answers host calls. */
const calls: readonly Case[] = [
  {
    number: 54,
    title: 'arguments that are no JSON',
    group: 'host-side',
    attacks: [
      settles('nothing and numbers', 'null, undefined, NaN, -0, Infinity, 1n, Symbol(), true, ""'),
      settles(
        'things that refuse',
        '{ toJSON() { throw new Error("x"); } }, { get a() { throw 1; } }, (() => { const a = {}; a.a = a; return a; })(), () => {}, class {}, new Map([[1, 2]]), new Uint8Array(4), new Date(NaN)',
      ),
      python(
        'in Python',
        `
loot = []
for value in (float("nan"), object(), {1: 2}, {"a": object()}, "\\ud800", b"x", 10 ** 400, [[]] * 3, lambda: 1):
    try:
        await http.fetch(value, value)
    except Exception:
        pass
return loot`,
        findsNothing,
      ),
      settles(
        'proxies',
        `...(typeof Proxy === 'undefined' ? [] : [new Proxy({}, { ownKeys() { throw 1; } }), new Proxy({}, { get: (_, name) => (name === 'toJSON' ? undefined : 1n) }), new Proxy([], {}), (() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()])`,
      ),
      settles('text that is no Unicode', String.raw`'\ud800', 'x\udfff', '\u0000', '\u2028\u2029', '"', '\\', '\n\n\n', '\n{}'`),
      caller(
        'no arguments, too many, and odd methods',
        `const loot = []; const one = (f) => Promise.resolve().then(f).then(() => 0, () => 0); await Promise.all([one(() => http.fetch()), one(() => http.fetch(...Array(1000).fill(1))), one(() => http['fetch\\n']('x')), one(() => http.nothing('x')), one(() => clock.sleep('x')), one(() => clock.sleep(-1)), one(() => clock.now({})), one(() => secret.has()), one(() => modules.call()), one(() => modules.call('skill/nobody', 1, 2)), one(() => modules.call('skill/nobody@9', '__proto__', {}))]); return loot;`,
        findsNothing,
      ),
      caller(
        'lines in names',
        `const loot = []; for (const name of ['net.http\\nfetch\\n[]', 'clock\\nnow', '']) { try { loot.push(await globalThis.$capability(name).now()); } catch {} } return loot;`,
        findsNothing,
      ),
    ],
  },
  {
    number: 55,
    title: 'a flood of host calls',
    group: 'host-side',
    attacks: [
      flood('nobody waits', 'for (;;) void clock.now().catch(() => {});', fails),
      flood('each waits for the one before', 'for (;;) await clock.now();', fails),
      flood('each waits, and forgives', 'for (;;) { try { await clock.now(); } catch {} }', stops),
      flood('all at once', 'return (await Promise.allSettled(Array.from({ length: 20_000 }, () => clock.now()))).length;', ends),
      flood(
        'that never end',
        'return (await Promise.allSettled(Array.from({ length: 500 }, () => clock.sleep(1e6)))).length;',
        either(stops, answers(500)),
      ),
      flood(
        'of large ones',
        `const text = 'x'.repeat(1 << 20); for (;;) { try { await http.fetch(text); } catch {} }`,
        either(stops, reaches('ioBytes')),
        { limits: { ioBytes: 8 << 20 } },
      ),
      flood(
        'after the answer',
        'const again = () => clock.now().then(again, again); for (let i = 0; i < 50; i++) again(); return 1;',
        either(answers(1), stops),
        { lingerMs: 300 },
      ),
      {
        ...python(
          'each waits, and forgives, in Python',
          `while True:\n    try:\n        await clock.now()\n    except Exception:\n        pass`,
          bounded(stops),
        ),
        limits: brief,
      },
      {
        ...python(
          'all at once in Python',
          `return len(await asyncio.gather(*(clock.now() for _ in range(20000)), return_exceptions=True))`,
          bounded(ends),
        ),
        limits: brief,
      },
      script('of timers', 'for (let i = 0; i < 1e6; i++) setTimeout(() => {}, 0); await new Promise(() => {});', stops, {
        limits: brief,
      }),
      script(
        'of timers that make timers',
        'const again = () => { setTimeout(again, 0); setTimeout(again, 0); }; again(); await new Promise(() => {});',
        stops,
        { limits: brief },
      ),
    ],
  },
  {
    number: 56,
    title: 'rejections that nobody waits for',
    group: 'host-side',
    attacks: [
      caller(
        'of its own',
        `Promise.reject(new Error('x')); Promise.reject(null); void (async () => { throw 1; })(); await null; return 1;`,
        answers(1),
        { lingerMs: 50 },
      ),
      caller(
        'of the host',
        `void http.fetch('nonsense'); void http.fetch(); void modules.call('skill/nobody', 'x', {}); await clock.sleep(5); return 1;`,
        either(answers(1), fails),
        { lingerMs: 50 },
      ),
      caller(
        'in timers and microtasks',
        `setTimeout(() => { throw new Error('x'); }, 0); queueMicrotask(() => { throw null; }); setTimeout(async () => { throw 1; }, 0); await clock.sleep(5); return 1;`,
        either(answers(1), fails),
        { lingerMs: 50 },
      ),
      caller(
        'host calls that end after the module',
        `void clock.sleep(30); void http.fetch('http://' + input.open + '/slow'); return 1;`,
        answers(1),
      ),
      caller('a rejected result', `return { then: (_, no) => no({ get message() { throw 1; } }) };`, fails),
      entryFile(
        'while loading',
        `Promise.reject(new Error('x'));\nexport const operations = { run: async () => 1 };`,
        either(answers(1), fails),
      ),
    ],
  },
];

/** Spellings of the loopback's closed server, of its own granted name, and of things that are no server. */
const addresses = `const [host, port] = input.closed.split(':'); const open = input.open;
const all = ['http://' + input.closed + '/', 'http://2130706433:' + port, 'http://0x7f000001:' + port, 'http://0177.0.0.1:' + port, 'http://127.1:' + port, 'http://[::ffff:127.0.0.1]:' + port, 'http://[::1]:' + port, 'http://0.0.0.0:' + port, 'http://localhost:' + port, 'http://localhost.:' + port, 'http://127.0.0.1.nip.io:' + port,
'http://' + open + '@' + input.closed + '/', 'http://' + open + '%40' + input.closed + '/', 'http://' + open + '\\\\@' + input.closed + '/', 'http://' + open + '#@' + input.closed, 'http://' + input.closed + '?@' + open, 'http://' + input.closed + '\\\\.' + open, 'http:\\\\\\\\' + input.closed, 'http:/' + input.closed, '//' + input.closed, 'HTTP://' + input.closed, ' http://' + input.closed, 'http://' + input.closed.replace('.', '\\u3002') + '/', 'http://\\uff11\\uff12\\uff17.0.0.1:' + port,
'unix:' + input.socket, 'http://unix:' + input.socket + ':/', 'http+unix://' + encodeURIComponent(input.socket) + '/', 'file://' + input.file, 'data:text/plain,x', 'blob:x', 'ftp://' + input.closed, 'gopher://' + input.closed, 'ws://' + input.closed];`;

/** Attacks 59 and 60: on the way out. */
const network: readonly Case[] = [
  {
    number: 59,
    title: 'addresses that say one thing and mean another',
    group: 'host-side',
    attacks: [
      caller(
        'spellings',
        `${addresses}\nconst loot = []; for (const url of all) { try { const { status, body } = await http.fetch(url); if (String(body).includes('closed') || status === 299) loot.push(url); } catch {} } return loot;`,
        findsNothing,
      ),
      caller(
        'redirects',
        `const loot = []; for (const path of ['/away', '/away-twice', '/away-relative', '/away-file', '/away-loop']) { try { const { body } = await http.fetch('http://' + input.open + path); if (String(body).includes('closed')) loot.push(path); } catch {} } return loot;`,
        findsNothing,
      ),
      caller(
        'a second request in the first',
        `const loot = []; const cr = String.fromCharCode(13, 10); for (const [url, options] of [['/a HTTP/1.1' + cr + 'host: x' + cr + cr + 'GET /smuggled', {}], ['/', { method: 'GET / HTTP/1.1' + cr + 'x: ' }], ['/', { headers: { 'x': 'a' + cr + 'y: smuggled' } }], ['/', { headers: { ['x' + cr + 'y']: 'smuggled' } }], ['/', { headers: { 'transfer-encoding': 'chunked', 'content-length': '3' }, method: 'POST', body: '0' + cr + cr + 'GET /smuggled HTTP/1.1' + cr + cr }], ['/', { headers: { host: input.closed } }]]) { try { const { body } = await http.fetch('http://' + input.open + url, options); if (String(body).includes('smuggled')) loot.push(url); } catch {} } return loot;`,
        findsNothing,
      ),
      caller(
        'a name that leads home',
        `const loot = []; for (const name of ['localhost', 'ip6-localhost', 'localtest.me']) { try { await http.fetch('http://' + name + ':' + input.closed.split(':')[1]); loot.push(name); } catch {} } return loot;`,
        findsNothing,
        {
          grants: (bait) => [{ kind: 'net.http', scope: { hosts: ['*', '*.me', bait.open] } }, ...grants(bait).slice(1)],
        },
      ),
    ],
  },
  {
    number: 60,
    title: 'a secret that comes back',
    group: 'host-side',
    attacks: [
      caller(
        'echoed',
        `const loot = []; for (const path of ['/echo', '/echo-reversed-name', '/echo-base64', '/echo-encoded', '/away-echo']) { for (const as of ['text', 'base64']) { try { const answer = await http.fetch('http://' + input.open + path, { auth: '${grantedSecret}', as }); const text = JSON.stringify(answer) + (as === 'base64' ? atob(answer.body) : ''); if (text.includes('can' + 'ary-')) loot.push(path); } catch {} } } return loot;`,
        findsNothing,
      ),
      python(
        'echoed in Python',
        `
loot = []
for path in ("/echo", "/echo-base64", "/echo-encoded", "/away-echo"):
    for kind in ("text", "base64"):
        try:
            answer = await http.fetch("http://" + input["open"] + path, {"auth": "${grantedSecret}", "as": kind})
            if "can" + "ary-" in str(answer):
                loot.append(path)
        except Exception:
            pass
return loot`,
        findsNothing,
      ),
      caller(
        'asked for',
        `const loot = []; for (const ask of [() => secret.get('${grantedSecret}'), () => secret.read('${grantedSecret}'), () => secret.call('${grantedSecret}'), () => secret.has('${grantedSecret}'), () => secret.bytes('${grantedSecret}'), () => secret.list()]) { try { const value = await ask(); if (typeof value === 'string') loot.push(value); } catch {} } return loot;`,
        findsNothing,
      ),
      caller(
        'sent elsewhere',
        `const loot = []; for (const url of ['http://' + input.closed + '/echo', 'http://' + input.open + '/away', 'http://' + input.open + '/away-echo']) { try { const answer = await http.fetch(url, { auth: '${grantedSecret}' }); if (answer.status === 299) loot.push(url); } catch {} } return loot;`,
        findsNothing,
      ),
      caller(
        'of somebody else',
        `const loot = []; for (const name of ['skill/other/token', '../token', '*', 'skill/attack/token2', 'skill/attack/token\\u0000']) { try { const answer = await http.fetch('http://' + input.open + '/echo', { auth: name }); loot.push(answer.body); } catch {} } return loot;`,
        findsNothing,
      ),
    ],
  },
];

const timing: Case = {
  number: 74,
  title: 'a clock fine enough to spy with',
  group: 'system',
  attacks: [
    script(
      'Date and its kin',
      `const finest = (now) => { let last = now(); let least = Infinity; for (let i = 0; i < 2e5; i++) { const at = now(); if (at > last) least = Math.min(least, at - last); last = at; } return least; };
const loot = []; const tries = { Date: () => Date.now(), newDate: () => +new Date(), performance: () => performance.now(), Temporal: () => Number(Temporal.Now.instant().epochNanoseconds) / 1e6, event: () => new Event('x').timeStamp, hrtime: () => Number(process.hrtime.bigint()) / 1e6 };
for (const [name, now] of Object.entries(tries)) { try { const step = finest(now); if (step < 0.999) loot.push(name + ' steps by ' + step + ' ms'); } catch {} } return loot;`,
      findsNothing,
      { limits: { wallMs: 3_000, cpuMs: 3_000 } },
    ),
    script(
      'a counter in shared memory',
      `return typeof SharedArrayBuffer === 'undefined' && typeof Atomics === 'undefined' && typeof Worker === 'undefined' ? [] : [typeof SharedArrayBuffer, typeof Worker];`,
      (outcome) =>
        outcome.kind === 'answered' &&
        JSON.stringify(outcome.value).includes('function') &&
        !JSON.stringify(outcome.value).includes('undefined')
          ? 'there is shared memory and a second thread'
          : undefined,
    ),
  ],
  elsewhere: {
    wasm: 'There is no clock to import but a granted one, and no shared memory or thread.',
    process:
      'A process has the clock of the machine. Nobody of another trust shares its address space, which is what such a clock would spy on.',
  },
};

/** Attacks on the control plane's own side, 54 to 60 without the frames of 57 and 58, and the clock of 74. */
export const hostSide: readonly Case[] = [...calls, ...network];

/** Attack 74, which also concerns hosts that have no operating system below them. */
export const clocks: readonly Case[] = [timing];
