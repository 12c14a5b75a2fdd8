import { type ConnectContext, type ExposeOptions, type Provider, BurgeonError } from '@burgeon/kit';
import { protocolSuite } from '@burgeon/kit/suites';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { library } from '../../../bindings/http/fixtures/library.ts';
import { systemClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/log.ts';
import { http } from './index.ts';

const context = (location: string | undefined, more: Partial<ConnectContext> = {}): ConnectContext => ({
  egress: { fetch: (url, init) => fetch(url, init), resolve: (host, port) => Promise.resolve({ address: host, port }) },
  clock: systemClock,
  log: silentLogger,
  ...(location === undefined ? {} : { location }),
  credential: async (scheme) => (scheme === 'token' ? { value: 'secret' } : undefined),
  ...more,
});

const options: ExposeOptions = { clock: systemClock, log: silentLogger, extra: { requireAuth: true } };
const book = { id: 1, title: 'Solaris', tags: ['a,b', 'c d'] };
const data = Buffer.from([0, 1, 254, 255]).toString('base64');

protocolSuite(
  { describe, it, expect },
  {
    protocol: http,
    description: library,
    expose: options,
    context,
    cases: [
      {
        operation: 'listBooks',
        input: { tags: ['a,b', 'ü'], filter: { pages: { min: 3 } }, 'X-Shelf': 7, session: 'x y' },
        output: [book],
      },
      { operation: 'addBook', input: { body: book, contentType: 'application/json' }, output: book },
      {
        operation: 'addBook',
        input: { body: book, contentType: 'application/x-www-form-urlencoded' },
        output: null,
        code: '202',
      },
      { operation: 'getBook', input: { bookId: 5 }, output: { title: '漢字' } },
      { operation: 'removeBook', input: { id: 5 }, output: null },
      { operation: 'newestBook', input: {}, output: book },
      { operation: 'exportBook', input: { bookId: 5, format: 'epub' }, output: data },
      { operation: 'lendBook', input: { bookId: 5, verb: 'lend:now' }, output: 'lent' },
      { operation: 'matrix', input: { point: { x: 1, y: -2 } }, output: 3 },
      { operation: 'putCover', input: { bookId: 5, body: data }, output: null },
      { operation: 'upload', input: { body: { file: data, more: [data, data], meta: book, count: 3 } }, output: { ok: true } },
      { operation: 'events', input: {}, output: [book, { title: 'line\nbreak' }], stream: true },
      { operation: 'log', input: {}, output: ['a', 'b\u2028c'], stream: true },
      { operation: 'actionA', input: {}, output: 'a' },
      { operation: 'actionB', input: {}, output: '' },
      { operation: 'form', input: {}, output: { a: 'b c', d: '&=' } },
      { operation: 'silent', input: {}, output: { any: 'thing' } },
    ],
    failure: { operation: 'getBook', input: { bookId: 9 }, code: '404', body: { title: 'No such book', status: 404 } },
    invalid: { operation: 'addBook', input: { body: { title: '' }, contentType: 'application/json' } },
  },
);
