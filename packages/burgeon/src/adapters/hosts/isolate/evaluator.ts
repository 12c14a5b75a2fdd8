import { BurgeonError, type JsonObject, type JsonValue, type Limits, defaultLimits } from '@burgeon/kit';
import { systemClock } from '../../../base/clock.ts';
import { isObject } from '../../../base/json.ts';
import { orders } from '../../../walls/frames.ts';
import { planOf } from '../../../walls/instance.ts';
import type { Script } from '../../../walls/javascript/script.ts';
import { Tenant } from '../../../walls/tenant.ts';
import { isolatePool } from './pool.ts';

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

const power = { specifier: 'burgeon:evaluator', kind: 'evaluator', name: 'evaluator' };

const scriptOf = (code: string): Script => ({
  files: [{ path: 'snippet.js', source: `${prologue}${code}\n} };` }],
  entry: 'snippet.js',
  powers: [power],
});

/**
 * Makes an evaluator: each snippet gets a heap of its own in a jailed process without just-in-time compilation, and no capability but `call`.
 * It throws MODULE_FAILED with the line, LIMIT_EXCEEDED naming the limit, CANCELLED, and DEPENDENCY_MISSING without isolated-vm.
 */
export const createEvaluator = (limits: Partial<Limits> = {}): Evaluator => {
  const pool = isolatePool();
  const bounds = { ...snippetLimits, ...limits };
  return async (code, call, { signal }) => {
    const logs: string[] = [];
    const tenant = new Tenant(pool, {
      name: 'The snippet',
      group: { trusted: false, label: 'snippets' },
      limits: bounds,
      own: limits,
      plan: planOf(bounds, { program: scriptOf(code) }),
      log: (line) => void (logs.length < logLines && logs.push(line)),
      host: async (kind, method, text) => {
        if (kind === '' && method === 'sleep') return sleep(text, signal);
        const [operation, input] = JSON.parse(text) as unknown[];
        if (kind !== power.kind || method !== 'call' || typeof operation !== 'string' || !isObject(input))
          throw new BurgeonError('INPUT_INVALID', { message: 'call(name, input) takes a name and an object.' });
        return JSON.stringify(await call(operation, input as JsonObject)) ?? 'null';
      },
      ended: () => {},
    });
    const stop = (): void => void tenant.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) throw new BurgeonError('CANCELLED', { message: 'The snippet was cancelled.' });
      const output = JSON.parse(await tenant.run({ kind: orders.call, head: 'run', body: '{}' })) as JsonValue;
      return { output, logs };
    } finally {
      signal.removeEventListener('abort', stop);
      await tenant.close();
    }
  };
};

const sleep = async (text: string, signal: AbortSignal): Promise<string> => {
  const [ms] = JSON.parse(text) as unknown[];
  await systemClock.sleep(Math.min(Math.max(Number(ms) || 0, 0), snippetLimits.wallMs), signal);
  return 'null';
};
