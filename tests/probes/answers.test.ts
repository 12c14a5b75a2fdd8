/** Probes P15 to P25 of the threat table: what a hostile server answers, over real sockets, to the gate of a module and to a whole module. */
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { BurgeonError } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../packages/burgeon/src/base/clock.ts';
import { silentLogger } from '../../packages/burgeon/src/base/log.ts';
import { createClient } from '../../packages/burgeon/src/bindings/http/runtime/client.ts';
import type { HttpOperation } from '../../packages/burgeon/src/bindings/http/runtime/types.ts';
import { type ClosableEgress, createEgress } from '../../packages/burgeon/src/security/egress.ts';
import { type HostileServer, type Script, answerText, drip, pour, serveHostile } from './hostile-server.ts';
import { type ProbeRow, tableText } from './probe-table.ts';

const mib = 1024 * 1024;
const limits = { bodyBytes: 4 * mib, deadlineMs: 4_000 };
const rows: ProbeRow[] = [];

/** Memory of this process that is in use, bytes. @see proc(5), VmRSS */
const rss = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1024;

const head = 'HTTP/1.1 200 OK\r\n';
const chunked = `${head}transfer-encoding: chunked\r\n\r\n`;
const zeros = Buffer.alloc(64 * mib);
const packed = (encoding: string, bytes: Buffer): Script => {
  const text = answerText(bytes, [`content-encoding: ${encoding}`]);
  return (socket) => socket.end(text);
};
const say =
  (text: string | Buffer): Script =>
  (socket) =>
    socket.end(text);
const brotli = brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });

/** What is sent, with the codes that are right for it; `ok` where a plain answer is. */
const cases: readonly (readonly [probe: string, what: string, script: Script, codes: readonly string[]])[] = [
  [
    'P15',
    '1 GiB as it is',
    (socket) => socket.write(`${head}\r\n`) && pour(socket, Buffer.alloc(mib), 1024 * mib),
    ['LIMIT_EXCEEDED'],
  ],
  ['P15', '1 GiB announced', say(`${head}content-length: ${1024 * mib}\r\n\r\nx`), ['LIMIT_EXCEEDED']],
  [
    'P15',
    '1 GiB in chunks',
    (socket) => socket.write(chunked) && pour(socket, `10000\r\n${'x'.repeat(0x10000)}\r\n`, 1024 * mib),
    ['LIMIT_EXCEEDED'],
  ],
  ['P16', 'gzip bomb', packed('gzip', gzipSync(zeros)), ['LIMIT_EXCEEDED']],
  ['P16', 'br bomb', packed('br', brotli), ['LIMIT_EXCEEDED']],
  ['P16', 'zstd bomb', packed('zstd', zstdCompressSync(zeros)), ['LIMIT_EXCEEDED']],
  ['P16', 'gzip in gzip', packed('gzip, gzip', gzipSync(gzipSync(zeros))), ['LIMIT_EXCEEDED']],
  ['P16', 'gzip in gzip, told once', packed('gzip', gzipSync(gzipSync(Buffer.from('x')))), ['ok']],
  ['P16', '200 encodings', packed(Array(200).fill('gzip').join(', '), gzipSync('x')), ['REMOTE_INVALID', 'REMOTE_UNREACHABLE']],
  ['P16', 'gzip that is none', packed('gzip', Buffer.from('plain')), ['REMOTE_INVALID']],
  ['P16', 'gzip cut off', packed('gzip', gzipSync(Buffer.alloc(100_000, 'ab')).subarray(0, 60)), ['REMOTE_INVALID', 'ok']],
  ['P16', 'an encoding that nobody knows', packed('x-none', Buffer.from('plain')), ['ok']],
  ['P17', 'nothing at all', () => {}, ['TIMEOUT']],
  ['P17', 'half a status line', (socket) => socket.write('HTTP/1.1 20'), ['TIMEOUT']],
  ['P17', '1 byte of headers at a time', (socket) => socket.write(head) && drip(socket, 'x', 300), ['TIMEOUT']],
  ['P17', '1 byte of a body at a time', (socket) => socket.write(`${head}\r\n`) && drip(socket, 'x', 300), ['TIMEOUT']],
  [
    'P17',
    'endless 100 Continue',
    (socket) => drip(socket, 'HTTP/1.1 100 Continue\r\n\r\n', 20),
    ['TIMEOUT', 'REMOTE_INVALID', 'REMOTE_UNREACHABLE'],
  ],
  [
    'P17',
    'endless 103 Early Hints',
    (socket) => drip(socket, 'HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n', 20),
    ['TIMEOUT', 'REMOTE_INVALID', 'REMOTE_UNREACHABLE'],
  ],
  [
    'P17',
    '101 that nobody asked for',
    say('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nxx'),
    ['REMOTE_INVALID', 'REMOTE_UNREACHABLE'],
  ],
  ['P18', '1 MB header', say(`${head}x-a: ${'a'.repeat(1_000_000)}\r\n\r\n`), ['LIMIT_EXCEEDED']],
  ['P18', '100,000 headers', say(`${head}${'x-a: b\r\n'.repeat(100_000)}\r\n`), ['LIMIT_EXCEEDED']],
  [
    'P18',
    'endless status line',
    (socket) => socket.write('HTTP/1.1 200 ') && pour(socket, 'a'.repeat(65_536), 64 * mib),
    ['REMOTE_INVALID', 'LIMIT_EXCEEDED', 'REMOTE_UNREACHABLE', 'TIMEOUT'],
  ],
  ['P18', 'two lengths', say(`${head}content-length: 1\r\ncontent-length: 2\r\n\r\nab`), ['REMOTE_INVALID']],
  [
    'P18',
    'length and chunks',
    say(`${head}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`),
    ['REMOTE_INVALID'],
  ],
  ['P18', 'length below zero', say(`${head}content-length: -1\r\n\r\na`), ['REMOTE_INVALID']],
  ['P18', 'length with a sign', say(`${head}content-length: +1\r\n\r\na`), ['REMOTE_INVALID']],
  ['P18', 'length beyond everything', say(`${head}content-length: 99999999999999999999999\r\n\r\na`), ['REMOTE_INVALID']],
  ['P18', 'bare CR', say(`${head}x-a: b\rx-b: c\r\n\r\n`), ['REMOTE_INVALID']],
  ['P18', 'NUL in a header', say(`${head}x-a: b\0c\r\ncontent-length: 0\r\n\r\n`), ['REMOTE_INVALID']],
  ['P18', 'space before the colon', say(`${head}content-length : 0\r\n\r\n`), ['REMOTE_INVALID']],
  [
    'P18',
    'header that goes on in the next line',
    say(`${head}x-a: b\r\n c\r\ncontent-length: 0\r\n\r\n`),
    ['REMOTE_INVALID', 'ok'],
  ],
  ['P18', 'chunk size that is none', say(`${chunked}zz\r\nabc\r\n`), ['REMOTE_INVALID']],
  ['P18', 'chunk beyond everything', say(`${chunked}fffffffffffffffff\r\nabc`), ['REMOTE_INVALID']],
  ['P18', 'chunk of 4 EiB', say(`${chunked}3fffffffffffffff\r\nabc`), ['REMOTE_INVALID', 'REMOTE_UNREACHABLE']],
  ['P18', 'chunk without its end', say(`${chunked}3\r\nabcdef\r\n0\r\n\r\n`), ['REMOTE_INVALID']],
  ['P18', '5 MB extension of a chunk', say(`${chunked}1;${'x'.repeat(5 * mib)}\r\na\r\n0\r\n\r\n`), ['ok']],
  [
    'P18',
    'encoding of the transfer that nobody knows',
    say(`${head}transfer-encoding: gzip\r\n\r\nabc`),
    ['REMOTE_INVALID', 'ok'],
  ],
  ['P18', 'no HTTP', say('SSH-2.0-OpenSSH_9.6\r\n'), ['REMOTE_INVALID', 'REMOTE_UNREACHABLE']],
  ['P18', 'HTTP/0.9', say('<html>hello</html>'), ['REMOTE_INVALID', 'REMOTE_UNREACHABLE']],
  ['P18', 'HTTP/2 preface', say('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), ['REMOTE_INVALID', 'REMOTE_UNREACHABLE']],
  ['P18', 'status 99', say('HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n'), ['REMOTE_INVALID', 'REMOTE_UNREACHABLE', 'TIMEOUT']],
  ['P18', 'status 1000', say('HTTP/1.1 1000 Odd\r\ncontent-length: 0\r\n\r\n'), ['REMOTE_INVALID', 'REMOTE_UNREACHABLE']],
  [
    'P18',
    'another answer behind the first',
    say(`${answerText('a').toString('latin1')}${answerText('smuggled').toString('latin1')}`),
    ['ok'],
  ],
  ['P19', 'reset before the answer', (socket) => socket.resetAndDestroy(), ['REMOTE_UNREACHABLE']],
  [
    'P19',
    'reset in the body',
    (socket) => socket.write(`${head}content-length: 10\r\n\r\nabc`, () => setTimeout(() => socket.resetAndDestroy(), 50)),
    ['REMOTE_UNREACHABLE'],
  ],
  ['P19', 'end before the answer', (socket) => socket.end(), ['REMOTE_UNREACHABLE']],
  ['P19', 'end in the body', say(`${head}content-length: 10\r\n\r\nabc`), ['REMOTE_UNREACHABLE']],
  ['P19', 'end in a chunk', say(`${chunked}a\r\nabc`), ['REMOTE_UNREACHABLE', 'REMOTE_INVALID']],
  ['P19', 'length too short', say(`${head}content-length: 2\r\n\r\nabcdef`), ['ok']],
  ['P20', 'redirect to itself', say('HTTP/1.1 302 Found\r\nlocation: /P20/0\r\ncontent-length: 0\r\n\r\n'), ['LIMIT_EXCEEDED']],
  [
    'P20',
    '100 hops',
    (socket) => socket.end(`HTTP/1.1 302 Found\r\nlocation: ?${Math.random()}\r\ncontent-length: 0\r\n\r\n`),
    ['LIMIT_EXCEEDED'],
  ],
  [
    'P20',
    'redirect with an endless body',
    (socket) => socket.write('HTTP/1.1 302 Found\r\nlocation: /nowhere\r\n\r\n') && pour(socket, Buffer.alloc(mib), 256 * mib),
    ['ok'],
  ],
  [
    'P20',
    'redirect to 1 MB',
    say(`HTTP/1.1 302 Found\r\nlocation: /${'a'.repeat(60_000)}\r\ncontent-length: 0\r\n\r\n`),
    ['ok', 'LIMIT_EXCEEDED'],
  ],
];

const pathOf = (index: number): string => `/${cases[index]?.[0]}/${index}`;

describe('what a hostile server answers to a gate', () => {
  let server: HostileServer;
  let gate: ClosableEgress;
  beforeAll(async () => {
    const scripts = Object.fromEntries(cases.map(([, , script], index) => [pathOf(index), script]));
    const first = cases.findIndex(([, what]) => what === 'redirect to itself');
    server = await serveHostile({ ...scripts, '/P20/0': scripts[pathOf(first)] ?? (() => {}) });
    gate = createEgress({ allow: [{ host: server.host }], clock: systemClock, log: silentLogger, limits });
  });
  afterAll(async () => {
    await gate.close();
    server.close();
    process.stdout.write(tableText(rows));
  });

  const endOf = async (path: string): Promise<string> => {
    // A gate of its own: what fails in a row would be left alone.
    const own = createEgress({ allow: [{ host: server.host }], clock: systemClock, log: silentLogger, limits });
    try {
      const answer = await own.fetch(server.origin + path);
      for await (const chunk of answer.body ?? []) void chunk;
      return 'ok';
    } catch (error) {
      return BurgeonError.is(error) ? error.code : `not ours: ${String(error)}`;
    } finally {
      await own.close();
    }
  };

  it('ends with a code of ours, in time and in bounded memory', async () => {
    const before = rss();
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, rss())), 20);
    const started = performance.now();
    const ends: string[] = [];
    // Few at a time: the bombs unfold in the same process.
    for (let at = 0; at < cases.length; at += 8)
      ends.push(...(await Promise.all(cases.slice(at, at + 8).map((_, index) => endOf(pathOf(at + index))))));
    clearInterval(watch);
    for (const [index, [probe, what, , codes]] of cases.entries()) {
      const got = ends[index] ?? '';
      rows.push({ probe, what, expected: codes.join(' or '), got, ok: codes.includes(got) });
    }
    const grown = Math.round((most - before) / mib);
    const seconds = Math.round((performance.now() - started) / 1_000);
    rows.push({
      probe: 'P15',
      what: 'memory that all of it took together',
      expected: 'below 256 MiB, 8 at a time',
      got: `${grown} MiB`,
      ok: grown < 256,
    });
    rows.push({
      probe: 'P17',
      what: 'time that all of it took together',
      expected: 'deadlines hold',
      got: `${seconds} s`,
      ok: seconds < 60,
    });
    expect(rows.filter(({ ok }) => !ok)).toEqual([]);
    expect([...server.asked].filter(([path, count]) => !path.startsWith('/P20') && count > 1)).toEqual([]);
  }, 90_000);

  it('goes on with the next call as if nothing had been', async () => {
    const fine = await serveHostile({ '/fine': say(answerText('"fine"')) });
    const own = createEgress({
      allow: [{ host: fine.host }, { host: server.host }],
      clock: systemClock,
      log: silentLogger,
      limits: { ...limits, deadlineMs: 1_000 },
    });
    await own.fetch(`${server.origin}/nowhere`).then((answer) => answer.text());
    for (let at = 0; at < 4; at += 1) expect(await (await own.fetch(`${fine.origin}/fine`)).text()).toBe('"fine"');
    await own.close();
    fine.close();
  });

  it('P18 takes no answer that nobody asked for', async () => {
    const two = Buffer.concat([answerText('"first"'), answerText('"smuggled"')]);
    const smuggling = await serveHostile({ '/first': (socket) => socket.write(two), '/second': say(answerText('"second"')) });
    const own = createEgress({ allow: [{ host: smuggling.host }], clock: systemClock, log: silentLogger, limits });
    const got = [await (await own.fetch(`${smuggling.origin}/first`)).text()];
    got.push(await own.fetch(`${smuggling.origin}/second`).then((answer) => answer.text()));
    await own.close();
    smuggling.close();
    rows.push({
      probe: 'P18',
      what: 'an answer behind an answer, then another request',
      expected: 'each its own',
      got: got.join(),
      ok: got.join() === '"first","second"',
    });
    expect(got).toEqual(['"first"', '"second"']);
  });

  it('P25 is asked again neither at once nor for ever', async () => {
    const wants = [
      '1000000000',
      '1e9',
      '-5',
      'Fri, 31 Dec 1999 23:59:59 GMT',
      'Fri, 31 Dec 9999 23:59:59 GMT',
      'x'.repeat(10_000),
      '0',
    ];
    const busy = await serveHostile(
      Object.fromEntries(
        wants.map((want, index) => [`/${index}`, say(answerText('', [`retry-after: ${want}`], '429 Too Many Requests'))]),
      ),
    );
    const began = performance.now();
    const own = createEgress({
      allow: [{ host: busy.host }],
      clock: systemClock,
      log: silentLogger,
      limits: { ...limits, deadlineMs: 20_000, retries: 2 },
    });
    const statuses = await Promise.all(wants.map(async (_, index) => (await own.fetch(`${busy.origin}/${index}`)).status));
    await own.close();
    busy.close();
    const most = Math.max(...busy.asked.values());
    const seconds = (performance.now() - began) / 1_000;
    const got = `${[...new Set(statuses)].join()} after at most ${most} tries`;
    rows.push({
      probe: 'P25',
      what: `Retry-After of ${wants.length} kinds`,
      expected: '429 after at most 3 tries',
      got,
      ok: most <= 3 && seconds < 15,
    });
    expect([got, seconds < 15]).toEqual(['429 after at most 3 tries', true]);
  });

  it('P24 pages that never end are walked one by one, in bounded memory, and end', async () => {
    const pages = await serveHostile({
      '/pages': (socket, count) => socket.write(answerText(JSON.stringify({ items: [count], next: `c${count + 1}` }))),
    });
    const operation = {
      binding: {
        method: 'GET',
        path: '/pages',
        parameters: [{ name: 'cursor', in: 'query', style: 'form', explode: true, property: 'cursor' }],
        responses: [{ status: '200', contents: [] }],
      },
      idempotent: true,
      auth: [],
      pagination: { style: 'cursor', input: { position: 'cursor' }, output: { items: '/items', next: '/next' } },
    } as unknown as HttpOperation;
    const client = createClient({ operations: { pages: operation }, baseUrl: pages.origin });
    let walked = 0;
    for await (const item of client.items('pages')) {
      expect(item).toBe(walked);
      walked += 1;
      if (walked === 200) break;
    }
    pages.close();
    const got = `${walked} items, ${pages.asked.get('/pages')} pages asked for`;
    rows.push({
      probe: 'P24',
      what: 'a cursor that never ends',
      expected: '200 items, 200 pages asked for',
      got,
      ok: got === '200 items, 200 pages asked for',
    });
    expect(got).toBe('200 items, 200 pages asked for');
  });
});
