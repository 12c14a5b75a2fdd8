import {
  BurgeonError,
  defaultLimits,
  manifestExtension,
  type CallOptions,
  type CallResult,
  type Grant,
  type Instance,
  type Interface,
  type JsonObject,
  type Limits,
  type Operation,
  type VerifiedModule,
} from '@burgeon/kit';
import { outputIssue } from '../interface/output.ts';
import { createValidator, type Validator } from '../interface/validate.ts';
import { nearest } from '../base/nearest.ts';
import type { ModuleReference } from '../registry/records.ts';
import { openConnection } from './connect.ts';
import { createHostCalls } from './host-calls.ts';
import { withinLimits } from './limits.ts';
import type { RuntimeParts } from './parts.ts';

/** A module in memory: what was verified, what it may do, and its running instance. */
interface Loaded {
  id: string;
  version: string;
  module: VerifiedModule;
  operations: Map<string, Operation>;
  validator: Validator;
  limits: Limits;
  instance: Pick<Instance, 'call'>;
  close(): Promise<void>;
}

/** Loads modules on first use and carries calls to them. Nothing that was not verified at this load is ever run. */
export interface Runtime {
  /**
   * Calls `operation` of the module that `reference` names (`ns/name`, `ns/name@version`, or a unique bare name).
   * @throws {BurgeonError} MODULE_NOT_FOUND, OPERATION_NOT_FOUND, INPUT_INVALID, APPROVAL_PENDING, SIGNATURE_INVALID, LIMIT_EXCEEDED, ...
   */
  call(
    reference: string,
    operation: string,
    input: JsonObject,
    options?: CallOptions,
  ): Promise<CallResult & { traceId: string; elapsedMs: number }>;
  /** The interface of a module, verified. */
  describe(reference: string): Promise<Interface>;
  /** Drops the running instance of a module, if any; the next call loads it anew. */
  unload(id: string): Promise<void>;
  /** Ends everything. */
  close(): Promise<void>;
}

/** Makes a runtime over a registry. Its owner closes it. */
export const createRuntime = (parts: RuntimeParts): Runtime => {
  const loaded = new Map<string, Promise<Loaded>>();

  const load = async (id: string, version: string): Promise<Loaded> => {
    const key = `${id}@${version}`;
    const known = loaded.get(key);
    if (known) return known;
    const loading = start(parts, { id, version }, runtime);
    loaded.set(key, loading);
    loading.catch(() => loaded.delete(key));
    return loading;
  };

  const find = async (reference: string): Promise<Loaded> => {
    const { id, version } = await parts.registry.resolve(reference);
    return load(id, version);
  };

  const drop = async (keep: (key: string) => boolean): Promise<void> => {
    for (const [key, loading] of loaded) {
      if (keep(key)) continue;
      loaded.delete(key);
      await (await loading.catch(() => undefined))?.close();
    }
  };

  const runtime: Runtime = {
    call: async (reference, operationId, input, options = {}) => {
      const target = await find(reference);
      const operation = operationOf(target, operationId);
      checkInput(target, operation, input);
      const traceId = options.traceId ?? parts.nextTrace();
      const begun = performance.now();
      const elapsed = (): number => Math.round((performance.now() - begun) * 1_000) / 1_000;
      try {
        const result = await withinLimits(
          target.limits,
          { module: target.id, operation: operation.id, input, options },
          (signal) => target.instance.call(operation.id, input, { ...options, signal, traceId }),
        );
        checkOutput(target, operation, result);
        parts.metrics.count(target.id, operation.id, 'ok', elapsed());
        return { ...result, traceId, elapsedMs: elapsed() };
      } catch (error) {
        parts.metrics.count(target.id, operation.id, BurgeonError.from(error).code, elapsed());
        throw error;
      } finally {
        parts.registry.touch(target);
      }
    },
    describe: async (reference) => (await find(reference)).module.interface,
    unload: (id) => drop((key) => !key.startsWith(`${id}@`)),
    close: () => drop(() => false),
  };
  return runtime;
};

const start = async (parts: RuntimeParts, { id, version }: ModuleReference, runtime: Runtime): Promise<Loaded> => {
  const module = await parts.registry.load({ id, version });
  const card = module.manifest.extensions[manifestExtension];
  const hostLoader = Object.hasOwn(parts.hosts, card.host) ? parts.hosts[card.host] : undefined;
  if (!hostLoader) {
    throw new BurgeonError('UNSUPPORTED', {
      message: `${id} wants host "${card.host}", which this version does not have.`,
      hint: 'Update Burgeon.',
    });
  }
  const grants: Grant[] = card.capabilities.map((capability) => ({ ...capability, request: `${id}@${version}` }));
  const limits = { ...defaultLimits, ...card.limits };
  const host = await hostLoader();
  const hostCalls = createHostCalls({
    id,
    description: module.interface,
    grants,
    limits,
    parts,
    call: (reference, operation, input, options) => runtime.call(reference, operation, input, options),
  });
  const instance = await host.start(module, grants, limits, {
    clock: parts.clock,
    log: parts.log,
    trusted: true,
    connect: (description) => openConnection(parts, { id, protocol: card.protocol, description, grants }),
    hostCall: (capability, method, args) => hostCalls.call(capability, method, args),
  });
  const close = async (): Promise<void> => {
    await instance.dispose();
    await hostCalls.close();
  };
  await instance.init().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    id,
    version,
    module,
    operations: new Map(module.interface.operations.map((operation) => [operation.id, operation])),
    validator: createValidator(module.interface.types),
    limits,
    instance,
    close,
  };
};

const operationOf = (target: Loaded, operationId: string): Operation => {
  const operation = target.operations.get(operationId);
  if (operation) return operation;
  const near = nearest(operationId, [...target.operations.keys()]);
  throw new BurgeonError('OPERATION_NOT_FOUND', {
    message: `${target.id} has no operation "${operationId}".`,
    hint:
      near === undefined ? `See: burgeon show ${target.id}` : `Did you mean ${near}? All operations: burgeon show ${target.id}`,
    data: { module: target.id, operation: operationId, ...(near === undefined ? {} : { near }) },
  });
};

/** Code is not believed: its answer must be what its interface says. What a protocol brings is the word of the other side. */
const checkOutput = ({ id, module, validator }: Loaded, operation: Operation, { output }: CallResult): void => {
  if (module.manifest.extensions[manifestExtension].kind !== 'code') return;
  const issue = outputIssue(validator, operation, output);
  if (!issue) return;
  throw new BurgeonError('MODULE_FAILED', {
    message: `${id}.${operation.id} answered what it does not describe at ${issue.path || 'the top'}: ${issue.message}.`,
    hint: `Its author has to correct it; the input may show where: burgeon show ${id} --operation ${operation.id}`,
    data: { module: id, operation: operation.id, issues: [{ path: issue.path, message: issue.message }] },
  });
};

const checkInput = (target: Loaded, operation: Operation, input: JsonObject): void => {
  const issues = target.validator.check(operation.input, input, { direction: 'request' });
  const [first] = issues;
  if (!first) return;
  throw new BurgeonError('INPUT_INVALID', {
    message: `The input of ${target.id}.${operation.id} is not right at ${first.path || 'the top'}: ${first.message}.`,
    hint: `See what it takes: burgeon show ${target.id} --operation ${operation.id}`,
    data: { issues: issues.map(({ path, message }) => ({ path, message })) },
  });
};
