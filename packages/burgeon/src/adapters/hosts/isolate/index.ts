import { randomUUID } from 'node:crypto';
import {
  BurgeonError,
  type CallResult,
  type Grant,
  type Host,
  type HostContext,
  type Instance,
  type JsonObject,
  type JsonValue,
  type Limits,
  type VerifiedModule,
  defineHost,
  manifestExtension,
} from '@burgeon/kit';
import { capabilitySpecifiers } from '../../../security/capability-imports.ts';
import type { CellPlan } from './messages.ts';
import { RunnerPool } from './pool.ts';
import type { CellHost } from './runner-process.ts';
import { stripTypes } from './strip.ts';
import { Tenant } from './tenant.ts';

export { walls } from '../../../security/jail.ts';
export type { Walls } from '../../../security/jail.ts';
export { type Evaluator, createEvaluator } from './evaluator.ts';

const pool = new RunnerPool();

/** Files that can be part of the program, found by following relative imports is not needed: a bundle is small. */
const isCode = (path: string): boolean => /\.[cm]?[jt]s$/.test(path) && !/\.d\.[cm]?ts$/.test(path);

/** What a module file imports relatively, as far as plain text tells; the cell refuses what is not in the bundle. */
const relativeImports = (text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*['"](\.\/[^'"\n]{1,240})['"]/g)].map(([, path = '']) => path);

/** The entry and every file it reaches by relative imports. */
const programOf = (module: VerifiedModule, entry: string): { path: string; text: string }[] => {
  const found = new Map<string, string>();
  const waiting = [entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const text = found.has(path) || !isCode(path) ? undefined : module.file(path);
    if (text === undefined) continue;
    found.set(path, text);
    const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
    for (const each of relativeImports(text)) waiting.push(folder + each.slice(2));
  }
  return [...found].map(([path, text]) => ({ path, text }));
};

const planOf = async (module: VerifiedModule, grants: Grant[], limits: Limits): Promise<CellPlan> => {
  const card = module.manifest.extensions[manifestExtension];
  const entry = card.entry ?? 'index.ts';
  const granted = new Set(grants.map(({ kind }) => kind));
  return {
    files: await stripTypes(programOf(module, entry)),
    entry,
    capabilities: capabilitySpecifiers()
      .filter(({ kind }) => granted.has(kind))
      .flatMap(({ kind, name, specifiers }) => specifiers.map((specifier) => ({ specifier, kind, name }))),
    memoryMb: Math.ceil(limits.memoryBytes / 1024 / 1024),
    cpuMs: limits.cpuMs,
    resultLength: limits.resultBytes,
  };
};

/** The way out of a module: granted kinds only, a bounded number at once, and only while a call is running. */
const hostOf = (parts: { name: string; grants: Grant[]; limits: Limits; context: HostContext; tenant(): Tenant }): CellHost => {
  const { name, grants, limits, context } = parts;
  let pending = 0;
  return {
    log: (text) => context.log.info(text, { module: name }),
    call: async (kind, method, text) => {
      if (!grants.some((grant) => grant.kind === kind) || parts.tenant().running === 0)
        throw new BurgeonError('CAPABILITY_DENIED', { message: `${name} was not granted "${kind.slice(0, 64)}".` });
      if (pending >= limits.pendingCalls) throw parts.tenant().exceeded('pendingCalls');
      if (text.length > limits.resultBytes) throw parts.tenant().exceeded('resultBytes');
      const args: unknown = JSON.parse(text);
      if (!Array.isArray(args)) throw new BurgeonError('INPUT_INVALID', { message: 'The arguments are not a list.' });
      pending += 1;
      try {
        return JSON.stringify(await context.hostCall(kind, method, args as JsonValue[])) ?? 'null';
      } finally {
        pending -= 1;
      }
    },
  };
};

const cancelledBy = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    const stop = (): void => reject(new BurgeonError('CANCELLED', { message: 'The call was cancelled.', cause: signal?.reason }));
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });

const start = async (module: VerifiedModule, grants: Grant[], limits: Limits, context: HostContext): Promise<Instance> => {
  const { id } = module.manifest.extensions[manifestExtension];
  const host = hostOf({ name: id, grants, limits, context, tenant: () => tenant });
  const plan = await planOf(module, grants, limits);
  const tenant: Tenant = new Tenant(pool, {
    name: id,
    cell: randomUUID(),
    trust: context.trusted ? 'approved' : 'unapproved',
    limits,
    plan,
    host,
  });
  const call = async (operation: string, input: JsonObject, signal: AbortSignal | undefined): Promise<CallResult> => {
    const text = JSON.stringify(input);
    if (Buffer.byteLength(text) > limits.argumentBytes) throw tenant.exceeded('argumentBytes');
    const answer = tenant.run((cell) => ({ op: 'call', cell, name: operation, input: text }));
    answer.catch(() => {});
    const output = await (signal ? Promise.race([answer, cancelledBy(signal)]) : answer);
    if (Buffer.byteLength(output) > limits.resultBytes) throw tenant.exceeded('resultBytes');
    return { output: JSON.parse(output) as JsonValue };
  };
  return {
    init: async () => {
      await tenant.ready();
    },
    call: (operation, input, options) => call(operation, input, options?.signal),
    message: async (topic, body) => {
      await call('message', { topic, body }, undefined);
    },
    capabilities: () => grants.map(({ kind, scope }) => ({ kind, scope })),
    snapshot: async () => JSON.parse(await tenant.run((cell) => ({ op: 'snapshot', cell }))) as JsonValue,
    restore: async (state) => {
      await tenant.run((cell) => ({ op: 'restore', cell, state: JSON.stringify(state) }));
    },
    dispose: () => tenant.close(),
  };
};

/**
 * Runs code modules: one V8 heap each, in a jailed process of their own trust, never in the control plane. The entry exports
 * `operations = { name: async (input) => output }`, and `snapshot()` and `restore(state)` when it keeps state.
 */
export const isolate: Host = defineHost({ name: 'isolate', start });
