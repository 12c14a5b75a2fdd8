import { type Grant, type Limits, defaultLimits } from '../capability.ts';
import type { Host, HostContext, Instance, VerifiedModule } from '../contracts/host.ts';
import { BurgeonError } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { SuiteRunner } from './check.suite.ts';

/**
 * What {@link codeHostSuite} needs. The module is written in a language of the host, keeps a state of version 2, and has these operations; what an
 * operation of another name answers is OPERATION_NOT_FOUND.
 *
 * | operation                    | does                                                                                             |
 * | ---------------------------- | ------------------------------------------------------------------------------------------------ |
 * | `echo(input)`                | gives the input                                                                                  |
 * | `add({by})`                  | adds to the sum, which begins at 0, and gives it                                                 |
 * | `total({})`                  | gives the sum                                                                                    |
 * | `fail({message, code})`      | throws an error with the message and the data `{code}`                                           |
 * | `loop({})`                   | works for ever                                                                                   |
 * | `wait({})`                   | waits for ever without working                                                                   |
 * | `big({length})`              | gives a text of that many characters                                                             |
 * | `ask({kind, method, args})`  | asks the host, also for what was not granted, and gives the answer; lets its error through       |
 *
 * `message(topic, body)` replies `{topic, body}`. `snapshot()` gives `{sum}`, `restore` takes it, `migrate` makes it of `{total}`, version 1.
 */
export interface CodeHostSuiteOptions {
  host: Host;
  module: VerifiedModule;
  context: () => HostContext;
}

/** How something ended: an output, or the code and data of an error. */
interface End {
  output?: JsonValue;
  code?: string;
  message?: string;
  data?: JsonObject;
}

const endOf = (work: Promise<{ output?: JsonValue }>): Promise<End> =>
  work.then(
    ({ output }) => (output === undefined ? {} : { output }),
    (error: unknown) => {
      if (!BurgeonError.is(error)) return { code: `not ours: ${String(error)}` };
      const { code, message, data } = error.toJSON();
      return { code, message, ...(data === undefined ? {} : { data: data as JsonObject }) };
    },
  );

const asking = { kind: 'clock', method: 'now', args: [1, 'two', null] };

const clock: Grant = { kind: 'clock', scope: {}, request: 'suite' };

interface Using {
  limits?: Partial<Limits>;
  grants?: Grant[];
  context?: Partial<HostContext>;
}

/** What the cases work with. */
interface Bench extends SuiteRunner, CodeHostSuiteOptions {
  /** Starts the module, works with it, disposes of it. */
  using(work: (instance: Instance) => Promise<void>, more?: Using): Promise<void>;
}

const call = (instance: Instance, operation: string, input: JsonObject = {}): Promise<End> =>
  endOf(instance.call(operation, input));

const output = async (instance: Instance, operation: string, input: JsonObject = {}): Promise<JsonValue> =>
  (await instance.call(operation, input)).output;

/** The code, and which limit it was. */
const limitOf = ({ code = '', data }: End): string => `${code} ${data === undefined ? '' : JSON.stringify(data['limit'])}`;

/** What every host of code must keep: limits bite and are named, nothing ungranted is done, a module that was lost begins anew. */
export const codeHostSuite = (runner: SuiteRunner, options: CodeHostSuiteOptions): void => {
  const using: Bench['using'] = async (work, more = {}) => {
    const context = { ...options.context(), ...more.context };
    const limits = { ...defaultLimits, ...more.limits };
    const instance = await options.host.start(options.module, more.grants ?? [], limits, context);
    try {
      await instance.init();
      await work(instance);
    } finally {
      await instance.dispose();
    }
  };
  const bench: Bench = { ...runner, ...options, using };
  for (const suite of [callsSuite, endsSuite, stateSuite, limitsSuite, powerSuite, waitingSuite]) suite(bench);
};

const callsSuite = ({ describe, it, expect, host, using }: Bench): void =>
  describe(`host ${host.name}: calls of code`, () => {
    it('hands JSON over as it is', () =>
      using(async (instance) => {
        const input: JsonObject = {
          texts: ['', 'zażółć', '\u{1f600}', 'a\nb\tc"\\', '\u0000\u2028'],
          numbers: [0, -1.5, 1e21, 9007199254740991],
          others: [true, false, null, [], {}, [[{ a: [] }]]],
          __proto: { constructor: 1 },
        };
        expect(await output(instance, 'echo', input)).toEqual(input);
        expect(await output(instance, 'echo', { text: 'x'.repeat(300_000) })).toEqual({ text: 'x'.repeat(300_000) });
      }));

    it('keeps state between calls, in the order in which they came', () =>
      using(async (instance) => {
        expect(await Promise.all([1, 2, 3].map((by) => output(instance, 'add', { by })))).toEqual([1, 3, 6]);
        expect(await output(instance, 'total')).toBe(6);
      }));

    it('lets an error through with its message and data', () =>
      using(async (instance) => {
        const { code, message, data } = await call(instance, 'fail', { message: 'It is broken.', code: 'BROKEN' });
        expect(code).toBe('MODULE_FAILED');
        expect(message?.includes('It is broken.')).toBe(true);
        expect((data?.['data'] as JsonObject | undefined)?.['code']).toBe('BROKEN');
        expect(await output(instance, 'total'), 'it goes on').toBe(0);
      }));

    it('replies to messages', () =>
      using(async (instance) => {
        expect(await instance.message('a.topic', { any: ['body'] })).toEqual({ topic: 'a.topic', body: { any: ['body'] } });
      }));
  });

const endsSuite = ({ describe, it, expect, host, using, module, context }: Bench): void =>
  describe(`host ${host.name}: calls that end early`, () => {
    it('is cancelled by a signal', () =>
      using(async (instance) => {
        const controller = new AbortController();
        const waiting = endOf(instance.call('wait', {}, { signal: controller.signal }));
        controller.abort();
        expect((await waiting).code).toBe('CANCELLED');
        expect((await endOf(instance.call('wait', {}, { signal: AbortSignal.abort() }))).code).toBe('CANCELLED');
        expect(await output(instance, 'total'), 'it goes on').toBe(0);
      }));

    it('ends what runs with CANCELLED when it is disposed of', async () => {
      const instance = await host.start(module, [], defaultLimits, context());
      await instance.init();
      const waiting = call(instance, 'wait');
      await instance.dispose();
      expect((await waiting).code).toBe('CANCELLED');
      await instance.dispose();
    });
  });

const stateSuite = ({ describe, it, expect, host, using }: Bench): void =>
  describe(`host ${host.name}: state`, () => {
    it('is taken over', () =>
      using(async (one) => {
        await one.call('add', { by: 5 });
        expect(await one.snapshot()).toEqual({ sum: 5 });
        await using(async (other) => {
          await other.restore(await one.snapshot(), 2);
          expect(await output(other, 'add', { by: 1 })).toBe(6);
        });
        expect(await output(one, 'total')).toBe(5);
      }));

    it('of another version goes through migrate', () =>
      using(async (instance) => {
        await instance.restore({ total: 7 }, 1);
        expect(await output(instance, 'total')).toBe(7);
        await instance.restore({ sum: 9 });
        expect(await output(instance, 'total'), 'without a version it is its own').toBe(9);
      }));
  });

const limitsSuite = ({ describe, it, expect, host, using }: Bench): void =>
  describe(`host ${host.name}: limits`, () => {
    it('wallMs: gives a call up that waits for ever, and the module goes on', () =>
      using(
        async (instance) => {
          await instance.call('add', { by: 1 });
          expect(limitOf(await call(instance, 'wait'))).toBe('LIMIT_EXCEEDED "wallMs"');
          expect(await output(instance, 'total')).toBe(1);
        },
        { limits: { wallMs: 300 } },
      ));

    it('cpuMs: ends what works for ever, tells so, and begins anew', async () => {
      const ends: string[] = [];
      await using(
        async (instance) => {
          await instance.call('add', { by: 1 });
          expect(limitOf(await call(instance, 'loop'))).toBe('LIMIT_EXCEEDED "cpuMs"');
          expect(ends).toEqual(['LIMIT_EXCEEDED']);
          expect(await output(instance, 'total')).toBe(0);
        },
        { limits: { cpuMs: 200 }, context: { ended: ({ code }) => void ends.push(code) } },
      );
    });

    it('argumentBytes and resultBytes: refuses what is too large, and the module goes on', () =>
      using(
        async (instance) => {
          await instance.call('add', { by: 1 });
          expect(limitOf(await call(instance, 'echo', { text: 'x'.repeat(2_000) }))).toBe('LIMIT_EXCEEDED "argumentBytes"');
          expect(limitOf(await call(instance, 'echo', { text: 'é'.repeat(900) }))).toBe('LIMIT_EXCEEDED "argumentBytes"');
          expect(limitOf(await call(instance, 'big', { length: 3_000 }))).toBe('LIMIT_EXCEEDED "resultBytes"');
          expect(await output(instance, 'total')).toBe(1);
        },
        { limits: { argumentBytes: 1_000, resultBytes: 2_000 } },
      ));
  });

const powerSuite = ({ describe, it, expect, host, using }: Bench): void =>
  describe(`host ${host.name}: power`, () => {
    it('hands a granted question to the host, and the answer back', async () => {
      const asked: JsonValue[] = [];
      const hostCall: HostContext['hostCall'] = async (kind, method, args) => {
        asked.push([kind, method, args]);
        return { text: 'zażółć', list: [1] };
      };
      await using(
        async (instance) => {
          expect(await output(instance, 'ask', asking)).toEqual({ text: 'zażółć', list: [1] });
          expect(asked).toEqual([['clock', 'now', [1, 'two', null]]]);
        },
        { grants: [clock], context: { hostCall } },
      );
    });

    it('lets the error of the host through', () =>
      using(
        async (instance) => {
          const { code, message } = await call(instance, 'ask', asking);
          expect(code).toBe('MODULE_FAILED');
          expect(message?.includes('The clock stands still.')).toBe(true);
        },
        {
          grants: [clock],
          context: { hostCall: () => Promise.reject(new BurgeonError('UNSUPPORTED', { message: 'The clock stands still.' })) },
        },
      ));

    it('asks nothing of the host that was not granted', async () => {
      let asked = 0;
      const hostCall = async (): Promise<null> => {
        asked += 1;
        return null;
      };
      await using(
        async (instance) => {
          for (const kind of ['random', 'module.call', '', 'constructor'])
            expect((await call(instance, 'ask', { ...asking, kind })).code).toBe('MODULE_FAILED');
          expect(asked).toBe(0);
          expect(await output(instance, 'total'), 'it goes on').toBe(0);
        },
        { grants: [clock], context: { hostCall } },
      );
    });
  });

const waitingSuite = ({ describe, it, expect, host, using }: Bench): void =>
  describe(`host ${host.name}: waiting`, () => {
    it('answers other calls while one waits for the host', async () => {
      const waiting: ((value: JsonValue) => void)[] = [];
      const hostCall = (): Promise<JsonValue> => new Promise((resolve) => waiting.push(resolve));
      await using(
        async (instance) => {
          const calls = [call(instance, 'ask', asking), call(instance, 'ask', asking)];
          for (let sum = 1; waiting.length < 2; sum += 1) expect(await output(instance, 'add', { by: 1 })).toBe(sum);
          waiting[1]?.('second');
          expect(await calls[1]).toEqual({ output: 'second' });
          waiting[0]?.('first');
          expect(await calls[0]).toEqual({ output: 'first' });
        },
        { grants: [clock], context: { hostCall } },
      );
    });
  });
