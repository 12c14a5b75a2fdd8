/** A server with a home of its own for tests in a browser, and modules to be approved. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, JsonValue } from '@burgeon/kit';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Burgeon, createBurgeon } from '../../packages/burgeon/src/burgeon.ts';
import { type Served, serve } from '../../packages/burgeon/src/server/serve.ts';

/** A request as it was opened. */
export interface Opened {
  id: string;
  module: string;
  fingerprint: string;
}

/** What such tests use. */
export interface ApprovalServer {
  /** There once the tests begin; no slash at the end. */
  url(): string;
  /** The same server by its name, which passkeys need. */
  named(): string;
  /** Token of the owner. */
  token(): string;
  /** All that was written on the terminal. */
  terminal(): string;
  manage(operation: string, input?: JsonObject): Promise<JsonValue>;
  /** Asks for approval of a module of this name. */
  add(name: string, title?: string): Promise<Opened>;
  stateOf(request: string): Promise<string>;
  /** Kinds of what the record says about a request, the oldest first. */
  record(request: string): Promise<string[]>;
}

/** Starts one before the tests of this file and ends it after them. */
export const openApprovalServer = (options: { policy: 'one-channel' | 'two-channels'; locale?: 'en' | 'pl' }): ApprovalServer => {
  let opened: { home: string; burgeon: Burgeon; served: Served } | undefined;
  let written = '';
  beforeAll(async () => {
    const home = await mkdtemp(join(tmpdir(), 'burgeon-pages-'));
    const burgeon = await createBurgeon({
      home,
      threads: false,
      locale: options.locale ?? 'en',
      write: (text) => void (written += text),
    });
    await burgeon.init({ policy: options.policy, totp: false });
    opened = { home, burgeon, served: await serve({ burgeon, port: 0, rates: { answersPerMinute: 1_000 } }) };
  });
  afterAll(async () => {
    await opened?.served.close(100);
    await opened?.burgeon.close();
    if (opened) await rm(opened.home, { recursive: true, force: true });
  });
  const now = () => opened ?? expect.unreachable();
  const manage = async (operation: string, input: JsonObject = {}): Promise<JsonValue> =>
    (await now().burgeon.management.call(operation, input)).output ?? null;
  const request = async (id: string) => (await manage('showApproval', { request: id })) as { state: string };
  return {
    url: () => now().served.url,
    named: () => now().served.url.replace('127.0.0.1', 'localhost'),
    token: () => now().served.token ?? '',
    terminal: () => written,
    manage,
    add: async (name, title = name) => {
      const added = (await manage('addModule', { what: '-', text: documentOf(title), name })) as {
        request: { id: string; module: string; digest: string };
      };
      const { id, module, digest } = added.request;
      return { id, module, fingerprint: digest.slice(0, 8) };
    },
    stateOf: async (id) => (await request(id)).state,
    record: async (id) => {
      const entries = (await manage('listAudit', {})) as { kind: string; data: JsonObject }[];
      return entries.filter(({ data }) => data['request'] === id).map(({ kind }) => kind);
    },
  };
};

const documentOf = (title: string): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title, version: '1', description: title },
    servers: [{ url: 'http://127.0.0.1:9' }],
    paths: {
      '/now': {
        get: {
          operationId: 'now',
          responses: { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'string' } } } } },
        },
      },
    },
  });
