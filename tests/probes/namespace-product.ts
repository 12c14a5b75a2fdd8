/** The product inside the namespace, and documents that try to lead it astray. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BurgeonError, defaultLimits, type Capability, type Interface, type JsonObject, type JsonValue } from '@burgeon/kit';
import { systemClock } from '../../packages/burgeon/src/base/clock.ts';
import { silentLogger } from '../../packages/burgeon/src/base/log.ts';
import { createBurgeon, type Burgeon } from '../../packages/burgeon/src/burgeon.ts';
import { createHostCalls } from '../../packages/burgeon/src/runtime/host-calls.ts';

/** Opens one that approves by itself: what is not approved does not run at all. */
export const openProduct = async (): Promise<Burgeon> => {
  const home = join(mkdtempSync(join(tmpdir(), 'burgeon-namespace-')), 'home');
  const first = await createBurgeon({ home, threads: false });
  await first.init({ policy: 'unattended', totp: false });
  await first.close();
  return createBurgeon({ home, threads: false });
};

/** The code that something ended with; `ok` when it went well. */
export const endOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: unknown) => BurgeonError.from(error).code,
  );

/** Calls an operation of a data module. */
export const callData = (burgeon: Burgeon, name: string, operation: string, input: JsonObject = {}): Promise<JsonValue> =>
  burgeon.management
    .call('callOperation', { namespace: 'api', name, operation, input })
    .then(({ output }) => (output as JsonObject)['output'] ?? null);

/** `http.fetch` of code, under these grants. */
export const codeFetch = (
  hosts: string[],
  wallMs = 3_000,
): { fetch(url: string): Promise<JsonValue>; close(): Promise<void> } => {
  const grants: Capability[] = [{ kind: 'net.http', scope: { hosts } }];
  const calls = createHostCalls({
    id: 'skill/probe',
    description: { auth: {}, locations: [] } as unknown as Interface,
    grants: grants.map((grant) => ({ ...grant, request: 'probe' })),
    limits: { ...defaultLimits, wallMs },
    parts: { clock: systemClock, log: silentLogger, vault: { read: async () => undefined } },
    call: async () => ({ output: null }),
  });
  return { fetch: (url) => calls.call('net.http', 'fetch', [url]), close: () => calls.close() };
};

const responses = { 200: { description: 'ok', content: { 'application/json': { schema: {} } } } };

/** One operation of a document. */
export interface Astray {
  id: string;
  path: string;
  servers?: string[];
  /** Parameters of the query. */
  parameters?: string[];
  scheme?: string;
}

/** An OpenAPI document of operations that only read. */
export const documentOf = (
  title: string,
  { servers, operations, schemes = {} }: { servers: string[]; operations: Astray[]; schemes?: JsonObject },
): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title, version: '1' },
    servers: servers.map((url) => ({ url })),
    components: { securitySchemes: schemes },
    paths: Object.fromEntries(
      operations.map(({ id, path, servers: own, parameters = [], scheme }) => [
        path,
        {
          get: {
            operationId: id,
            ...(own === undefined ? {} : { servers: own.map((url) => ({ url })) }),
            parameters: parameters.map((name) => ({ name, in: 'query', schema: { type: 'string' } })),
            ...(scheme === undefined ? {} : { security: [{ [scheme]: [] }] }),
            responses,
          },
        },
      ]),
    ),
  });
