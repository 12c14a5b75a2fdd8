import { randomBytes } from 'node:crypto';
import { BurgeonError, type JsonObject, type JsonValue } from '@burgeon/kit';
import { isObject } from '../base/json.ts';
import { covers } from '../security/capabilities.ts';
import { type CredentialGate, createCredentialGate } from '../security/credentials/gate.ts';
import { createEgress } from '../security/egress.ts';
import { hostRules } from '../security/host-rules.ts';
import { hostPublish, hostRequest } from './host-bus.ts';
import { hostFetch } from './host-fetch.ts';
import type { HostCaller, Power } from './power.ts';

type Offer = (power: Power, args: JsonValue[]) => JsonValue | Promise<JsonValue>;

/** Bytes that one call of `random.bytes` may give. */
const mostRandomBytes = 65_536;

/** Every method that code can call, by the kind of capability that covers it. What is not here is not offered in this version. */
const offers: Readonly<Record<string, Readonly<Record<string, Offer>>>> = {
  'net.http': { fetch: hostFetch },
  'secret.use': {
    has: async ({ id, grants, parts }, [name]) =>
      typeof name === 'string' &&
      name.startsWith(`${id}/`) &&
      covers(grants, { kind: 'secret.use', scope: { names: [name] } }) &&
      (await parts.vault.read(name)) !== undefined,
  },
  'module.call': { call: (power, args) => callModule(power, args) },
  bus: { publish: hostPublish, request: hostRequest },
  clock: {
    now: ({ parts }) => parts.clock.now(),
    sleep: async ({ parts, limits, signal }, [ms]) => {
      await parts.clock.sleep(Math.min(Math.max(Number(ms) || 0, 0), limits.wallMs), signal);
      return null;
    },
  },
  random: {
    bytes: (_power, [count]) => {
      if (typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= mostRandomBytes)
        return randomBytes(count).toString('base64');
      throw new BurgeonError('INPUT_INVALID', { message: `random.bytes takes a number from 0 to ${mostRandomBytes}.` });
    },
    // 53 bits: as fine as a double below 1 can be.
    number: () => Number(randomBytes(8).readBigUInt64BE() >> 11n) / 2 ** 53,
  },
};

/**
 * Modules that call one another in a circle end at the bound of calls in flight, since each waits for the next.
 * @throws {BurgeonError} CAPABILITY_DENIED, INPUT_INVALID, UNSUPPORTED, and whatever the called module throws
 */
const callModule = async ({ id, grants, call, signal }: Power, [module, operation, given]: JsonValue[]): Promise<JsonValue> => {
  // What code leaves out arrives as null.
  const input = given ?? {};
  if (typeof module !== 'string' || typeof operation !== 'string' || !isObject(input))
    throw new BurgeonError('INPUT_INVALID', { message: 'modules.call(module, operation, input) takes two texts and an object.' });
  const [wanted = ''] = module.split('@');
  if (!covers(grants, { kind: 'module.call', scope: { ids: [wanted] } }))
    throw denied(id, `module.call of ${wanted.slice(0, 100)}`);
  const { output, stream } = await call(module, operation, input as JsonObject, { signal });
  if (!stream) return output;
  await stream[Symbol.asyncIterator]().return?.();
  throw new BurgeonError('UNSUPPORTED', {
    message: `${module}.${operation} answers item by item, which code cannot take yet.`,
    hint: 'Call an operation with a plain result.',
  });
};

const denied = (id: string, what: string): BurgeonError =>
  new BurgeonError('CAPABILITY_DENIED', {
    message: `${id} called ${what}, which no grant covers.`,
    hint: 'Declare the capability in plugin.json and have the new version approved.',
  });

/** The way out of one module with code of its own. */
export interface HostCalls {
  /** Carries out one call. @throws {BurgeonError} CAPABILITY_DENIED when nothing granted covers it, UNSUPPORTED */
  call(capability: string, method: string, args: JsonValue[]): Promise<JsonValue>;
  /** Ends calls that run, and the connections. */
  close(): Promise<void>;
}

/** Opens the way out. Its owner closes it. */
export const createHostCalls = (caller: HostCaller): HostCalls => {
  const closing = new AbortController();
  const { grants, limits, parts, id } = caller;
  let gate: CredentialGate | undefined;
  const power: Power = {
    ...caller,
    signal: closing.signal,
    egress: () =>
      (gate ??= createCredentialGate({
        ...parts,
        module: id,
        description: caller.description,
        grants,
        egress: createEgress({
          allow: hostRules(grants.filter(({ kind }) => kind === 'net.http')),
          limits: { deadlineMs: limits.wallMs, bodyBytes: limits.resultBytes, retries: 2 },
          clock: parts.clock,
          log: parts.log,
        }),
      })),
  };
  return {
    call: async (capability, method, args) => {
      if (!grants.some(({ kind }) => kind === capability)) throw denied(id, capability);
      const methods = Object.hasOwn(offers, capability) ? (offers[capability] ?? {}) : {};
      const offer = Object.hasOwn(methods, method) ? methods[method] : undefined;
      if (offer) return offer(power, args);
      throw new BurgeonError('CAPABILITY_DENIED', {
        message: `${capability}.${method} is not offered to code in this version.`,
        hint: `Offered: ${Object.entries(offers)
          .map(([kind, each]) => `${kind} (${Object.keys(each).join(', ')})`)
          .join(', ')}`,
      });
    },
    close: async () => {
      closing.abort(new BurgeonError('CANCELLED', { message: `${id} was unloaded.` }));
      await gate?.close();
    },
  };
};
