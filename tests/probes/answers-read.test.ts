/** Probes P21 to P23 of the threat table: what a whole module makes of answers that are not what they say. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BurgeonError, type JsonValue } from '@burgeon/kit';
import { openBurgeon } from '../open-burgeon.ts';
import { type HostileServer, type Script, answerText, serveHostile } from './hostile-server.ts';
import { type ProbeRow, tableText } from './probe-table.ts';

const json = 'content-type: application/json';
const item = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'integer', format: 'int64' }, name: { type: 'string' }, price: { type: 'number' } },
};
const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
const bytes = (...parts: (string | number[])[]): Buffer => Buffer.concat(parts.map((part) => Buffer.from(part as string)));

/** What is sent under which headers, and what the call gives: its output as JSON, or the code it fails with. */
const cases: readonly (readonly [probe: string, what: string, body: string | Buffer, headers: string[], got: string])[] = [
  ['P21', 'JSON called HTML', '{"id":1}', ['content-type: text/html'], '{"id":1}'],
  ['P21', 'HTML called JSON', '<html></html>', [json], 'REMOTE_INVALID'],
  ['P21', 'no media type', '{"id":1}', [], '{"id":1}'],
  ['P21', 'nothing called JSON', '', [json], 'null'],
  ['P21', 'half of it', '{"id":1,"na', [json], 'REMOTE_INVALID'],
  ['P21', 'two of it', '{"id":1}{"id":2}', [json], 'REMOTE_INVALID'],
  ['P21', 'byte order mark', bytes([0xef, 0xbb, 0xbf], '{"id":1}'), [json], '{"id":1}'],
  [
    'P21',
    'UTF-16 that does not say so',
    bytes([0xff, 0xfe], Buffer.from('{"id":1}', 'utf16le') as never),
    [json],
    'REMOTE_INVALID',
  ],
  ['P21', 'UTF-16 that says so', Buffer.from('{"id":1}', 'utf16le'), [`${json}; charset=utf-16le`], '{"id":1}'],
  [
    'P21',
    'Latin 1 that says so',
    bytes('{"id":1,"name":"', [0xfc], '"}'),
    [`${json}; charset=iso-8859-1`],
    '{"id":1,"name":"ü"}',
  ],
  ['P21', 'bytes that are no UTF-8', bytes('{"id":1,"name":"', [0xff, 0xfe], '"}'), [json], 'REMOTE_INVALID'],
  ['P21', 'NUL in a text', '{"id":1,"name":"a\\u0000b"}', [json], '{"id":1,"name":"a\\u0000b"}'],
  ['P21', 'NUL between', '{"id":1}\0', [json], 'REMOTE_INVALID'],
  ['P21', 'half a surrogate pair', '{"id":1,"name":"\\ud800"}', [json], '{"id":1,"name":"\\ud800"}'],
  ['P21', 'a key twice', '{"id":1,"id":2}', [json], '{"id":2}'],
  ['P21', '__proto__ as a key', '{"id":1,"__proto__":{"x":1}}', [json], '{"id":1,"__proto__":{"x":1}}'],
  ['P21', '10,000 levels', deep, [json], deep],
  [
    'P22',
    'a whole number that a double holds',
    '{"id":1,"price":100000000000000000000}',
    [json],
    '{"id":1,"price":100000000000000000000}',
  ],
  ['P22', 'a whole number beyond doubles', '{"id":12345678901234567890}', [json], '{"id":"12345678901234567890"}'],
  ['P22', 'the largest int64', '{"id":9223372036854775807}', [json], '{"id":"9223372036854775807"}'],
  ['P22', 'a number beyond everything', '{"id":1,"price":1e400}', [json], 'REMOTE_INVALID'],
  ['P22', 'minus zero', '{"id":1,"price":-0}', [json], '{"id":1,"price":0}'],
  ['P22', 'NaN', '{"id":1,"price":NaN}', [json], 'REMOTE_INVALID'],
  ['P22', 'Infinity', '{"id":1,"price":Infinity}', [json], 'REMOTE_INVALID'],
  ['P22', '40 digits behind the point', `{"id":1,"price":0.${'1'.repeat(40)}}`, [json], '{"id":1,"price":0.1111111111111111}'],
  ['P23', 'an answer that is not as described', '{"name":5}', [json], '{"name":5}'],
];

const rows: ProbeRow[] = [];
const { manage, call } = openBurgeon('answers');
let server: HostileServer;

beforeAll(async () => {
  const scripts = cases.map(([, , body, headers], index): [string, Script] => {
    const text = answerText(body, headers);
    return [`/${index}`, (socket) => socket.end(text)];
  });
  server = await serveHostile(Object.fromEntries(scripts));
  const responses = { 200: { description: 'ok', content: { 'application/json': { schema: item } } } };
  const paths = Object.fromEntries(cases.map((_, index) => [`/${index}`, { get: { operationId: `o${index}`, responses } }]));
  const document = { openapi: '3.1.0', info: { title: 'answers', version: '1' }, servers: [{ url: server.origin }], paths };
  await manage('addModule', { what: 'answers.json', text: JSON.stringify(document) });
});
afterAll(() => {
  server.close();
  process.stdout.write(tableText(rows));
});

/** What a call gives, as text. */
const outcomeOf = (work: Promise<JsonValue | undefined>): Promise<string> =>
  work.then(
    (output) => JSON.stringify(output),
    (error: unknown) => (BurgeonError.is(error) ? error.code : `not ours: ${String(error)}`),
  );

it('P21 P22 P23 nothing is lost without a word', async () => {
  for (const [index, [probe, what, , , expected]] of cases.entries()) {
    const got = await outcomeOf(call('api/answers', `o${index}`));
    rows.push({ probe, what, expected: expected.slice(0, 60), got: got.slice(0, 80), ok: got === expected });
  }
  expect(rows.filter(({ ok }) => !ok)).toEqual([]);
});
