/** Every example goes through the same stages as any module, and is then called. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { manifestExtension, type JsonObject, type JsonValue } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPython } from '../packages/burgeon/src/base/python.ts';
import { failure, openBurgeon } from './open-burgeon.ts';
import { root as repository } from './source-tree.ts';

const { root, burgeon, manage, call } = openBurgeon('examples');
const examples = join(repository, 'examples');

/** Asks until the answer is as it should be: messages arrive in their own time. */
const until = async (ask: () => Promise<unknown>, expected: unknown): Promise<void> => {
  await expect.poll(ask, { interval: 10, timeout: 10_000 }).toEqual(expected);
};

const hasPython = (await findPython()) !== undefined;
if (!hasPython) process.stderr.write('SKIPPED: there is no Python, so its examples are not added.\n');

const folders = readdirSync(examples).filter((name) => existsSync(join(examples, name, 'plugin.json')));

/** A module that names no host runs in an isolate. */
const hostOf = (folder: string): string => {
  const manifest = JSON.parse(readFileSync(join(examples, folder, 'plugin.json'), 'utf8')) as {
    extensions: Record<string, JsonObject>;
  };
  const host = manifest.extensions[manifestExtension]?.['host'];
  return typeof host === 'string' ? host : 'isolate';
};

describe('every example', () => {
  it('stands in the table of the folder', () => {
    const table = readFileSync(join(examples, 'README.md'), 'utf8');
    expect(folders.filter((name) => !table.includes(`[${name}](${name}/README.md)`))).toEqual([]);
    expect(folders.filter((name) => !existsSync(join(examples, name, 'README.md')))).toEqual([]);
  });

  it.each(folders)('%s is added, without a failure, and without a finding where its language is judged', async (folder) => {
    const host = hostOf(folder);
    if (host === 'process' && !hasPython) return;
    const added = await manage('addModule', { what: join(examples, folder) });
    expect(added).toMatchObject({ module: { kind: 'code', host, state: 'active' }, trial: { failed: 0 }, diagnostics: [] });
    const checks = added['checks'] as { ok: boolean; diagnostics: unknown[] }[];
    const isJudged = host === 'isolate' || host === 'strict';
    expect(checks.filter(({ ok, diagnostics }) => !ok || (isJudged && diagnostics.length > 0))).toEqual([]);
  });
});

describe('outline', () => {
  it('reads Python', async () => {
    const source = 'class Pet:\n    """A pet."""\n    def greet(self): ...\n';
    expect(await call('parsers/outline', 'outline', { source })).toMatchObject({
      declarations: [{ name: 'Pet', kind: 'class', summary: 'A pet.', children: [{ name: 'greet', kind: 'method' }] }],
    });
    expect(await call('parsers/outline', 'imports', { source: 'import a', language: 'python' })).toEqual({
      imports: [{ specifier: 'a', line: 1, kind: 'import', typeOnly: false }],
    });
  });
});

describe('formatter', () => {
  it('formats, and says where it cannot', async () => {
    expect(await call('parsers/formatter', 'json', { source: '[1e400,1]', indent: 0 })).toEqual({ text: '[1e400,1]' });
    expect(await call('parsers/formatter', 'sql', { source: 'select a from b' })).toEqual({ text: 'SELECT a\nFROM b\n' });
    expect(await failure(call('parsers/formatter', 'json', { source: '[1, /* 2 */ 3]' }))).toMatchObject({
      code: 'MODULE_FAILED',
      data: { data: { code: 'syntax', line: 1, column: 5 } },
    });
  });
});

describe('synthesis', () => {
  const id = 'skill/synthesis';

  it('proposes alike in either language', async () => {
    const told = { outline: { id: 'skill/water-tracker', subject: { unit: 'ml' } } };
    expect(await call(id, 'propose', { sentence: 'Chcę śledzić ile piję wody' })).toMatchObject(told);
    expect(await call(id, 'propose', { sentence: 'I want to track how much water I drink' })).toMatchObject(told);
  });

  it('counts on through reloads that happen while it is called', async () => {
    const reload = (): Promise<JsonObject> => manage('reloadModule', { namespace: 'skill', name: 'synthesis' });
    const { serial: first } = (await call(id, 'count')) as { serial: number };
    const seen: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const calls = Array.from({ length: 20 }, async () => ((await call(id, 'count')) as { serial: number }).serial);
      const [, ...serials] = await Promise.all([reload(), ...calls]);
      seen.push(...serials);
    }
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => first + 1 + index));
  });
});

describe('monitor', () => {
  const id = 'skill/monitor';
  const card = {
    operations: {
      send: { input: { properties: { topic: { type: 'string', examples: ['metrics.x'] } } }, output: {} },
      heard: { output: {} },
    },
    channels: { 'metrics.*': { direction: 'out' }, 'alerts.*': { direction: 'in' } },
  };
  const code = `import { bus } from 'burgeon:cap/bus' with { topics: 'metrics.*, alerts.*' };
    const heard: unknown[] = [];
    export const operations = {
      send: async ({ topic = '', body }: { topic?: string; body?: unknown }): Promise<unknown> => bus.request(topic, body),
      heard: async (): Promise<unknown> => heard,
    };
    export const message = async (_topic: string, body: unknown): Promise<null> => { heard.push(body); return null; };`;

  beforeAll(async () => {
    const folder = mkdtempSync(join(root, 'meter-'));
    const operations = { ...card.operations, send: { ...card.operations.send, input: { additionalProperties: true } } };
    const manifest = { name: 'meter', extensions: { [manifestExtension]: { ...card, operations } } };
    writeFileSync(join(folder, 'plugin.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'index.ts'), code);
    await manage('addModule', { what: folder });
  });

  it('takes samples from the bus, and raises alerts on it', async () => {
    const send = (topic: string, body: JsonValue): Promise<unknown> => call('skill/meter', 'send', { topic, body });
    expect(
      await send('metrics.answer_seconds', [
        { value: 0.5, atMs: 1_000 },
        { value: 1.5, atMs: 2_000 },
      ]),
    ).toEqual({ recorded: 2 });
    expect(await failure(send('metrics.answer_seconds', 'fast'))).toMatchObject({ code: 'MODULE_FAILED' });
    await call(id, 'setRules', { rules: [{ name: 'slow', metric: 'answer_seconds', when: 'above', bound: 1 }] });
    const { changes } = (await call(id, 'alerts', { atMs: 3_000 })) as { changes: JsonObject[] };
    const alert = { name: 'slow', state: 'firing', metric: 'answer_seconds', value: 1.5, sinceMs: 3_000 };
    expect(changes).toEqual([{ ...alert, published: true }]);
    await until(() => call('skill/meter', 'heard'), [alert]);
  });

  it('keeps all of it through a reload, and writes what Prometheus reads', async () => {
    const before = await call(id, 'metrics');
    await manage('reloadModule', { namespace: 'skill', name: 'monitor' });
    expect(await call(id, 'metrics')).toEqual(before);
    expect(before).toEqual({
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      text: '# TYPE answer_seconds gauge\nanswer_seconds 1.5\n# TYPE monitor_alert_firing gauge\nmonitor_alert_firing{rule="slow"} 1\n',
    });
  });

  it('asks the clock where no time is given', async () => {
    expect(await call(id, 'record', { samples: [{ metric: 'now', value: 1 }] })).toEqual({ recorded: 1 });
    expect(await call(id, 'statistics', { metric: 'now' })).toMatchObject({ series: [{ count: 1, last: 1 }] });
    expect((await failure(call(id, 'statistics', { metric: 'never' }))).data).toMatchObject({ data: { code: 'metric' } });
  });
});

describe('model-provider', () => {
  const id = 'model/openai-compatible';
  const key = 'a-key-of-some-length';
  let server: Server;
  let held = 0;
  const asked: { path: string | undefined; authorization: string | undefined; body: JsonObject }[] = [];

  /** Answers in the form of the API reference of OpenAI; the prompt says which. */
  const answer = (path: string | undefined, body: JsonObject, response: ServerResponse): void => {
    const send = (status: number, value: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(typeof value === 'string' ? value : JSON.stringify(value));
    };
    const prompt = JSON.stringify(body['messages'] ?? '');
    const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
    if (path === '/v1/models') return send(200, { object: 'list', data: [{ id: 'gpt-4.1-mini', object: 'model' }] });
    if (path === '/v1/embeddings') return send(200, { object: 'list', data: [{ index: 0, embedding: [0.5, 1] }] });
    if (prompt.includes('hold')) return void (held += 1);
    if (prompt.includes('busy'))
      return send(
        429,
        { error: { message: 'Slow down.', type: 'requests', param: null, code: 'rate_limit_exceeded' } },
        { 'retry-after': '2' },
      );
    if (body['stream'] === true) {
      const chunks = ['Od', 'ra'].map((content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }));
      const last = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage };
      return send(200, [...chunks, last].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('') + 'data: [DONE]\n\n');
    }
    const content = body['response_format'] === undefined ? 'Odra' : '{"rivers":["Odra"]}';
    const choices = [{ index: 0, message: { role: 'assistant', content, refusal: null }, finish_reason: 'stop' }];
    return send(200, { id: 'chatcmpl-1', object: 'chat.completion', model: 'gpt-4.1-mini-2025-04-14', choices, usage });
  };

  const take = (request: IncomingMessage, response: ServerResponse): void => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      const body = (text === '' ? {} : JSON.parse(text)) as JsonObject;
      asked.push({ path: request.url, authorization: request.headers.authorization, body });
      answer(request.url, body, response);
    });
  };

  beforeAll(async () => {
    server = createServer(take);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const place = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const folder = join(root, 'model-provider');
    cpSync(join(examples, 'model-provider'), folder, { recursive: true });
    const endpoint = readFileSync(join(folder, 'endpoint.ts'), 'utf8');
    const own = endpoint.replaceAll('https://api.openai.com', `http://${place}`).replaceAll('api.openai.com', place);
    writeFileSync(join(folder, 'endpoint.ts'), own);
    await manage('addModule', { what: folder });
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const generate = (prompt: string, more: JsonObject = {}): Promise<JsonValue | undefined> =>
    call(id, 'generate', { prompt, maxOutputTokens: 50, ...more });

  it('says what is missing, and then that nothing is', async () => {
    expect(await call(id, 'validate')).toMatchObject({ ready: false, problems: [{ code: 'SECRET_MISSING' }] });
    expect((await failure(generate('a river'))).data).toMatchObject({ data: { code: 'SECRET_MISSING', retryable: false } });
    await manage('setSecret', { name: `${id}/key`, value: key });
    expect(await call(id, 'validate')).toEqual({ ready: true, problems: [] });
  });

  it('asks with a key that it never sees', async () => {
    expect(await generate('a river')).toEqual({
      text: 'Odra',
      finish: 'stop',
      model: 'gpt-4.1-mini-2025-04-14',
      usage: { inputTokens: 5, outputTokens: 2 },
    });
    expect(asked.at(-1)).toEqual({
      path: '/v1/chat/completions',
      authorization: `Bearer ${key}`,
      body: { model: 'gpt-4.1-mini', messages: [{ role: 'user', content: 'a river' }], max_completion_tokens: 50 },
    });
  });

  it('gives JSON, pieces and vectors', async () => {
    expect(await generate('rivers', { schema: { type: 'object' } })).toMatchObject({ value: { rivers: ['Odra'] } });
    expect(await call(id, 'stream', { prompt: 'a river', maxOutputTokens: 50 })).toMatchObject({
      pieces: ['Od', 'ra'],
      finish: 'stop',
    });
    expect(await call(id, 'embed', { texts: ['a'] })).toEqual({ vectors: [[0.5, 1]] });
  });

  it('tells which faults may pass, and when', async () => {
    expect((await failure(generate('busy'))).data).toMatchObject({
      data: { code: 'REMOTE_ERROR', status: 429, retryable: true, retryAfterMs: 2_000, reason: 'rate_limit_exceeded' },
    });
    expect((await failure(generate('hold', { timeoutMs: 50 }))).data).toMatchObject({
      data: { code: 'TIMEOUT', retryable: true },
    });
  });

  it('ends at once when its caller gives up', async () => {
    const giving = new AbortController();
    const before = held;
    const waiting = failure(
      burgeon().management.call(
        'callOperation',
        { namespace: 'model', name: 'openai-compatible', operation: 'generate', input: { prompt: 'hold', maxOutputTokens: 1 } },
        { signal: giving.signal },
      ),
    );
    await until(async () => held, before + 1);
    giving.abort();
    expect((await waiting).code).toBe('CANCELLED');
    expect(await generate('a river')).toMatchObject({ text: 'Odra' });
  });

  it('tells when nobody is there', async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect((await failure(generate('a river'))).data).toMatchObject({ data: { code: 'REMOTE_UNREACHABLE', retryable: true } });
    expect(await call(id, 'validate')).toMatchObject({ ready: false, problems: [{ code: 'REMOTE_UNREACHABLE' }] });
  });
});
