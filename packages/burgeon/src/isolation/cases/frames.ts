import type { Limits } from '@burgeon/kit';
import { frameSpeech } from '../speech.ts';
import { type Attack, type Case, type Judge, answers, both, either, fails, granting, stops } from '../case.ts';

/** Nothing is waited for longer than it must. */
const brief: Partial<Limits> = { wallMs: 200, cpuMs: 150, hostCallsPerSecond: 200 };

/** A runner that was taken over; its program handles each `order` it gets. */
const captured = (name: string, body: string, judge: Judge = stops): Attack => ({
  name,
  language: 'runner',
  source: `orders((order) => {\n${body}\n});\n`,
  grants: granting('clock'),
  limits: brief,
  judge,
});

/** A program that owns its process and speaks frames behind the back of what we put into it; its first order after loading is number 2. */
const program = (name: string, body: string, judge: Judge, more: Partial<Attack> = {}): Attack => ({
  name,
  language: 'node',
  source: `import { writeSync } from 'node:fs';\nimport { randomBytes } from 'node:crypto';\n${frameSpeech}\nexport const operations = { run: async () => {\n${body}\nreturn 'own'; } };\n`,
  grants: granting('clock'),
  limits: brief,
  judge,
  ...more,
});

const fine: Judge = either(answers('own'), stops, fails);

const quietly: Judge = both(fine, (_, { calls, inFlight, limits, tookMs }) => {
  const most = limits.hostCallsPerSecond * (Math.ceil(tookMs / 1_000) + 1);
  if (calls > most)
    return `${calls} host calls were carried out in ${Math.round(tookMs)} ms, of ${limits.hostCallsPerSecond} a second`;
  return inFlight > limits.pendingCalls ? `${inFlight} host calls were in flight together` : undefined;
});

const own = `send(frame(done, order.id, order.cell, '"own"'));`;

const elsewhere = {
  isolate: 'Without machine code its runners speak the same frames as with it, where this is tried.',
  strict: 'Its runners speak the same frames as those of isolate, where this is tried.',
  wasm: 'Its runners speak the same frames as those of isolate, where this is tried.',
};

/** Attacks 57 and 58: a runner that was taken over, against the control plane's end of its pipe. */
export const frames: readonly Case[] = [
  {
    number: 57,
    title: 'forged, cut and oversized messages of a captured runner',
    group: 'host-side',
    elsewhere,
    attacks: [
      captured('nothing but noise', `send(require('node:crypto').randomBytes(1 << 20));`),
      captured('a length of four thousand million', `const head = Buffer.alloc(17, 255); send(head);`),
      captured('a length of nothing', `send(Buffer.alloc(64));`),
      captured(
        'a length shorter than the head',
        `const head = frame(done, order.id, order.cell, ''); head.writeUInt32LE(3, 0); send(head);`,
      ),
      captured(
        'a message that stops in the middle',
        `send(frame(done, order.id, order.cell, 'x'.repeat(1000)).subarray(0, 500));`,
      ),
      captured(
        'a large message, byte by byte',
        `const all = frame(done, order.id, order.cell, 'x'.repeat(5000)); for (const byte of all) send(Buffer.from([byte]));`,
        either(fails, stops),
      ),
      captured('a kind that is none', `send(frame(99, order.id, order.cell, 'x'));`),
      captured('orders sent back', `for (const kind of [1, 2, 3, 4, 5, 6, 7, 8]) send(frame(kind, order.id, order.cell, '{}'));`),
      captured('a result that is no JSON', `send(frame(done, order.id, order.cell, '{"a":'));`, fails),
      captured(
        'a result that is no text',
        `send(frame(done, order.id, order.cell, Buffer.from([0xff, 0xfe, 0xc0, 0x80])));`,
        fails,
      ),
      captured(
        'a result of seventy megabytes',
        `send(frame(done, order.id, order.cell, '"' + 'x'.repeat(70 * 1024 * 1024) + '"'));`,
        fails,
      ),
      captured(
        'a result that nests',
        `send(frame(done, order.id, order.cell, '['.repeat(400000) + ']'.repeat(400000)));`,
        either(fails, answersDeep()),
      ),
      captured('the same answer a thousand times', `for (let i = 0; i < 1000; i++) ${own}`, fine),
      captured(
        'answers to what nobody asked',
        `for (let i = 0; i < 1000; i++) send(frame(done, i, i % 7, '"forged"'), frame(failed, i * 7919, 0, '{}'), frame(rest, i, 1, '')); ${own}`,
        either(fine, answers('forged')),
      ),
      captured(
        'failures of every form',
        `for (const text of ['', 'null', '[]', '{"kind":1}', '{"kind":"__proto__"}', '{"kind":"thrown","message":{}}', '{"kind":"gone","message":"' + 'x'.repeat(1e6) + '"}']) send(frame(failed, 0, order.cell, text), frame(failed, order.id, order.cell, text));`,
        fails,
      ),
      captured(
        'processor time of a thousand years',
        `for (let i = 0; i < 1000; i++) send(frame(log, 0, order.cell, 'x', 0xffffffff)); ${own}`,
        fine,
      ),
      captured(
        'a flood of the log',
        `for (let i = 0; i < 20000; i++) send(frame(log, 0, order.cell, 'x'.repeat(1000))); ${own}`,
        both(fine, (_, { limits, logged }) =>
          logged > 3 * limits.logBytes ? `${logged} bytes reached the log, of ${limits.logBytes} a minute` : undefined,
        ),
      ),
      captured(
        'a flood of host calls',
        `for (let i = 1; i < 20000; i++) send(frame(host, i, order.cell, 'clock\\nnow\\n[]')); pause(50); ${own}`,
        quietly,
      ),
      captured(
        'host calls of every form',
        `for (const [i, text] of ['', 'clock', 'clock\\nnow', 'clock\\nnow\\n{', 'clock\\nnow\\n5', '\\nsleep\\n[]', '\\nsleep\\n{}', '\\nsleep\\n[1e99]', '\\nnothing\\n[]', '__proto__\\nnow\\n[]', 'clock\\n__proto__\\n[]', 'fs\\nread\\n["/etc/passwd"]', 'net.http\\nfetch\\n[]'].entries()) send(frame(host, i + 1, order.cell, text)); pause(20); ${own}`,
        quietly,
      ),
      captured('a runner that does not listen', 'for (;;) pause(1000);', stops),
      captured('a runner that ends', 'process.exit(0);', stops),
      program('noise from a program', `send(randomBytes(1 << 20));`, stops),
      program('a length of four thousand million from a program', `send(Buffer.alloc(17, 255));`, stops),
      program('orders sent back by a program', `for (const kind of [1, 2, 8, 99]) send(frame(kind, 2, 1, '{}'));`, stops),
      program(
        'answers of a program to what nobody asked',
        `for (let id = 0; id < 2000; id++) send(frame(done, id, 1, '"forged"'));`,
        either(stops, answers('forged')),
      ),
      program(
        'a result of seventy megabytes from a program',
        `for (let id = 0; id < 9; id++) send(frame(done, id, 1, '"' + 'x'.repeat(70 * 1024 * 1024) + '"'));`,
        fails,
      ),
      program(
        'a flood of host calls of a program',
        `for (let i = 1; i < 20000; i++) send(frame(host, 1e6 + i, 1, 'clock\\nnow\\n[]')); pause(50);`,
        quietly,
      ),
      program(
        'host calls of every form of a program',
        `for (const [i, text] of ['', 'clock', 'clock\\nnow\\n{', '\\nsleep\\n{}', '__proto__\\nnow\\n[]', 'fs\\nread\\n["/etc/passwd"]', 'net.http\\nfetch\\n[]'].entries()) send(frame(host, 1e6 + i, 1, text)); pause(20);`,
        quietly,
      ),
      program(
        'a flood of the log of a program',
        `for (let i = 0; i < 20000; i++) send(frame(log, 0, 1, 'x'.repeat(1000)));`,
        both(fine, (_, { limits, logged }) => (logged > 3 * limits.logBytes ? `${logged} bytes reached the log` : undefined)),
      ),
      program(
        'words after the answer of a program',
        `setTimeout(() => { for (;;) send(frame(log, 0, 1, 'x'.repeat(60000), 0xffffffff)); }, 10);`,
        fine,
        { lingerMs: 400 },
      ),
      program(
        'processor time that is not told',
        `const end = Date.now() + 60000; while (Date.now() < end) send(frame(rest, 2, 1, ''));`,
        stops,
      ),
      captured('a runner that closes its pipe', `require('node:fs').closeSync(1); for (;;) pause(1000);`, stops),
    ],
  },
  {
    number: 58,
    title: "answers to another module's calls",
    group: 'host-side',
    elsewhere,
    attacks: [
      program(
        'a program that answers in all names',
        `for (let cell = 0; cell < 40; cell++) for (let id = 0; id < 60; id++) send(frame(done, id, cell, '"forged"'), frame(failed, 0, cell, '{"kind":"gone","message":"forged"}'));`,
        either(stops, answers('forged'), fails),
      ),
      captured(
        'all numbers of all cells',
        `for (let cell = 0; cell < 40; cell++) for (let id = 0; id < 200; id++) send(frame(done, id, cell, '"forged"'), frame(failed, 0, cell, '{"kind":"gone","message":"forged"}'));`,
        either(fine, answers('forged')),
      ),
      captured(
        "questions in another module's name",
        `for (let cell = 0; cell < 40; cell++) send(frame(host, 1, cell, 'net.http\\nfetch\\n["http://127.0.0.1/"]'), frame(host, 2, cell, 'secret.use\\nhas\\n["skill/attack/token"]')); pause(20); ${own}`,
        both(fine, (_, { seen }) =>
          seen.some(({ kind }) => kind !== 'clock') ? 'a host call was carried out that nothing granted' : undefined,
        ),
      ),
    ],
  },
];

/** A result that is deep, but JSON, may come through as it is. */
function answersDeep(): Judge {
  return (outcome) => (outcome.kind === 'answered' && Array.isArray(outcome.value) ? undefined : 'it ended otherwise');
}
