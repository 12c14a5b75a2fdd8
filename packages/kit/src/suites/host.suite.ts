import { defaultLimits } from '../capability.ts';
import type { Host, HostContext, Instance, VerifiedModule } from '../contracts/host.ts';
import { BurgeonError } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { SuiteRunner } from './check.suite.ts';
import { codeHostSuite } from './code-host.suite.ts';

/** What {@link hostSuite} needs: a module of the host's kind and one operation of it that gives an answer for `input`. */
export interface HostSuiteOptions {
  host: Host;
  module: VerifiedModule;
  context: () => HostContext;
  operation: string;
  input: JsonObject;
  /** A call that changes the state, for hosts that keep one: after it `operation` answers something else. */
  write?: { operation: string; input: JsonObject };
  /** For hosts of code: the module that {@link codeHostSuite} knows, in a language of the host. */
  code?: VerifiedModule;
}

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'no error';
  } catch (error) {
    return BurgeonError.is(error) ? error.code : `not ours: ${String(error)}`;
  }
};

/**
 * What every host must keep: the seven calls work, an unknown operation is named, two instances do not see each other's state, a snapshot
 * is JSON and restores what it saw, and a disposed instance answers CANCELLED, also when it is disposed twice.
 */
export const hostSuite = (runner: SuiteRunner, options: HostSuiteOptions): void => {
  const { describe, it, expect } = runner;
  const { host, module, context, operation, input, write } = options;

  const start = async (): Promise<Instance> => {
    const instance = await host.start(module, [], defaultLimits, context());
    await instance.init();
    return instance;
  };
  const using = async (work: (instance: Instance) => Promise<void>): Promise<void> => {
    const instance = await start();
    try {
      await work(instance);
    } finally {
      await instance.dispose();
    }
  };
  const output = async (instance: Instance): Promise<JsonValue> => (await instance.call(operation, input)).output;

  describe(`host ${host.name}`, () => {
    it('answers a call, takes a message and names its capabilities', () =>
      using(async (instance) => {
        expect((await instance.call(operation, input)).output === undefined).toBe(false);
        await instance.message('a.topic', { any: 'body' });
        expect(Array.isArray(instance.capabilities())).toBe(true);
      }));

    it('names an operation it does not have', () =>
      using(async (instance) => {
        expect(await codeOf(instance.call('thereIsNoSuchOperation', {}))).toBe('OPERATION_NOT_FOUND');
      }));

    it('gives a snapshot that is JSON and takes it back', () =>
      using(async (instance) => {
        const state = await instance.snapshot();
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
        const before = await output(instance);
        if (write) await instance.call(write.operation, write.input);
        await instance.restore(state);
        expect(await output(instance)).toEqual(before);
      }));

    it('ends with CANCELLED once disposed, and disposes twice', async () => {
      const instance = await start();
      await instance.dispose();
      expect(await codeOf(instance.call(operation, input))).toBe('CANCELLED');
      await instance.dispose();
    });

    if (write) {
      it('keeps instances apart and carries state from one to the other', () =>
        using((one) =>
          using(async (other) => {
            const before = await output(other);
            await one.call(write.operation, write.input);
            expect(await output(other)).toEqual(before);
            expect(JSON.stringify(await output(one)) === JSON.stringify(before), 'the write shows').toBe(false);
            await other.restore(await one.snapshot());
            expect(await output(other)).toEqual(await output(one));
          }),
        ));
    }
  });
  if (options.code) codeHostSuite(runner, { host, module: options.code, context });
};
