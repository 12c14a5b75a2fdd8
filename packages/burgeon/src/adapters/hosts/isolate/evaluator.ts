import { randomUUID } from 'node:crypto';
import { BurgeonError, type JsonObject, type JsonValue, type Limits, defaultLimits } from '@burgeon/kit';
import { isObject } from '../../../base/json.ts';
import { RunnerPool } from './pool.ts';
import { Tenant } from './tenant.ts';

/** Runs a snippet of JavaScript, the body of an async function, that may call operations and nothing else. */
export type Evaluator = (
  code: string,
  call: (operation: string, input: JsonObject) => Promise<JsonValue>,
  options: { signal: AbortSignal },
) => Promise<{ output: JsonValue; logs: string[] }>;

/** Lines before the snippet begins. */
const prologue = `import { evaluator } from 'burgeon:evaluator'; const call = (name, input = {}) => evaluator.call(name, input); export const operations = { run: async () => {\n`;

const logLines = 200;

/** A snippet calls a network of services: its clock is longer than that of one operation. */
const snippetLimits: Limits = { ...defaultLimits, wallMs: 60_000, memoryBytes: 64 * 1024 * 1024, resultBytes: 4 * 1024 * 1024 };

/**
 * Makes an evaluator: each snippet gets a heap of its own in a jailed process without just-in-time compilation, and no capability but `call`.
 * It throws MODULE_FAILED with the line, LIMIT_EXCEEDED naming the limit, CANCELLED, and DEPENDENCY_MISSING without isolated-vm.
 */
export const createEvaluator = (limits: Partial<Limits> = {}): Evaluator => {
  const pool = new RunnerPool();
  const bounds = { ...snippetLimits, ...limits };
  return async (code, call, { signal }) => {
    const logs: string[] = [];
    let pending = 0;
    const plan = {
      files: [{ path: 'snippet.js', source: `${prologue}${code}\n} };` }],
      entry: 'snippet.js',
      capabilities: [{ specifier: 'burgeon:evaluator', kind: 'evaluator', name: 'evaluator' }],
      memoryMb: Math.ceil(bounds.memoryBytes / 1024 / 1024),
      cpuMs: bounds.cpuMs,
      resultLength: bounds.resultBytes,
    };
    const host = {
      log: (line: string): void => void (logs.length < logLines && logs.push(line)),
      call: async (_kind: string, method: string, text: string): Promise<string> => {
        const [operation, input] = JSON.parse(text) as unknown[];
        if (method !== 'call' || typeof operation !== 'string' || !isObject(input))
          throw new BurgeonError('INPUT_INVALID', { message: 'call(name, input) takes a name and an object.' });
        if (pending >= bounds.pendingCalls) throw tenant.exceeded('pendingCalls');
        pending += 1;
        try {
          return JSON.stringify(await call(operation, input as JsonObject)) ?? 'null';
        } finally {
          pending -= 1;
        }
      },
    };
    const tenant = new Tenant(pool, { name: 'The snippet', cell: randomUUID(), trust: 'unapproved', limits: bounds, plan, host });
    const stop = (): void => void tenant.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) throw new BurgeonError('CANCELLED', { message: 'The snippet was cancelled.' });
      const output = JSON.parse(await tenant.run((cell) => ({ op: 'call', cell, name: 'run', input: '{}' }))) as JsonValue;
      return { output, logs };
    } finally {
      signal.removeEventListener('abort', stop);
      await tenant.close();
    }
  };
};
