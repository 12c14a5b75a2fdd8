import { describe, expect, it } from 'vitest';
import { type Handler, clientOf, operationOf, serve } from '../fixtures/web.ts';
import { AnswerError } from './errors.ts';
import type { HttpOperation } from './types.ts';

describe('streams', () => {
  const streaming = (item: 'event' | 'data'): HttpOperation => operationOf({}, { stream: { item } });
  const all = async (stream: AsyncIterable<unknown> | undefined): Promise<unknown[]> => {
    const items: unknown[] = [];
    for await (const item of stream ?? []) items.push(item);
    return items;
  };
  /** Sends a body byte by byte, so that every character and line end comes apart. */
  const bytewise =
    (type: string, text: string): Handler =>
    (_request, response) => {
      response.writeHead(200, { 'content-type': type });
      const bytes = Buffer.from(text);
      let at = 0;
      const next = (): void => {
        if (at >= bytes.length) return void response.end();
        response.write(bytes.subarray(at, ++at));
        setImmediate(next);
      };
      next();
    };

  const events =
    ': comment\r\nevent: tick\r\nid: 1\r\ndata: {"a":\rdata: "é"}\n\nretry: 7\ndata\n\nid: a\0b\ndata:x\n\nevent: lost\n\ndata: unfinished';
  it('reads events whatever the chunks and line ends', async () => {
    const result = await clientOf(await serve(bytewise('text/event-stream', events)), streaming('event')).call('test');
    expect(result.output).toBeNull();
    expect(await all(result.stream)).toEqual([
      { event: 'tick', id: '1', data: '{"a":\n"é"}' },
      { id: '1', data: '' },
      { id: '1', data: 'x' },
    ]);
  });

  it('reads the data of events, up to the sentinel', async () => {
    const url = await serve(bytewise('text/event-stream', 'data: {"a":1}\n\ndata: plain\n\ndata: [DONE]\n\ndata: 2\n\n'));
    expect(await all((await clientOf(url, streaming('data')).call('test')).stream)).toEqual([{ a: 1 }, 'plain']);
  });

  it.each([
    ['application/x-ndjson', '{"a":"é"}\r\n\n2\n3', [{ a: 'é' }, 2, 3]],
    ['application/jsonl', '1\r', [1]],
    ['application/json-seq', '\u001e{"a":\n1}\n\u001e2\n', [{ a: 1 }, 2]],
  ])('reads %s', async (type, text, expected) => {
    expect(await all((await clientOf(await serve(bytewise(type, text)), streaming('data')).call('test')).stream)).toEqual(
      expected,
    );
  });

  it('gives one document when the other side sends one', async () => {
    const url = await serve((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('[1]'));
    const result = await clientOf(url, streaming('data')).call('test');
    expect([result.output, result.stream]).toEqual([[1], undefined]);
  });

  it('says that an item is not JSON', async () => {
    const { stream } = await clientOf(await serve(bytewise('application/jsonl', '{\n')), streaming('data')).call('test');
    await expect(all(stream)).rejects.toBeInstanceOf(AnswerError);
  });

  it('cancels the request when its reader leaves', async () => {
    let closed = (): void => {};
    const over = new Promise<void>((resolve) => (closed = resolve));
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/jsonl' });
      response.write('1\n2\n');
      response.on('close', closed);
    });
    for await (const item of (await clientOf(url, streaming('data')).call('test')).stream ?? []) {
      expect(item).toBe(1);
      break;
    }
    await over;
  });

  const breaking =
    (parts: string[], asked: (string | undefined)[]): Handler =>
    (request, response) => {
      asked.push(request.headers['last-event-id'] as string | undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(parts[asked.length - 1] ?? '', () => (asked.length < parts.length ? response.destroy() : response.end()));
    };

  it('takes a broken stream of events up again after its last id', async () => {
    const asked: (string | undefined)[] = [];
    const waits: number[] = [];
    const url = await serve(breaking(['retry: 9\nid: 1\ndata: a\n\n', 'id: 2\ndata: b\n\ndata: half', 'data: c\n\n'], asked));
    const result = await clientOf(url, streaming('data'), { sleep: async (ms) => void waits.push(ms) }).call('test');
    expect(await all(result.stream)).toEqual(['a', 'b', 'c']);
    expect([asked, waits]).toEqual([
      [undefined, '1', '2'],
      [9, 9],
    ]);
  });

  it('does not take up a stream without ids, of an operation that changes something, or one that is gone', async () => {
    const broken = await clientOf(await serve(breaking(['data: a\n\n', ''], [])), streaming('data')).call('test');
    await expect(all(broken.stream)).rejects.toThrow();
    const changing = { ...streaming('data'), idempotent: false };
    const other = await clientOf(await serve(breaking(['id: 1\ndata: a\n\n', ''], [])), changing).call('test');
    await expect(all(other.stream)).rejects.toThrow();
    let count = 0;
    const url = await serve((_request, response) => {
      if (count++ > 0) return void response.writeHead(204).end();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('id: 1\ndata: a\n\n', () => response.destroy());
    });
    expect(await all((await clientOf(url, streaming('data')).call('test')).stream)).toEqual(['a']);
  });
});
