import type { CallOptions, CallResult, Connection, Provider } from '../contracts/call.ts';
import type { ConnectContext, ExposeOptions, Exposure, Protocol } from '../contracts/protocol.ts';
import { BurgeonError, type ErrorCode } from '../errors.ts';
import type { Interface } from '../interface.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { SuiteRunner } from './check.suite.ts';

/** One call that must come through unchanged: what goes in, and what the provider answers. */
export interface ProtocolCase {
  operation: string;
  input: JsonObject;
  output: JsonValue;
  /** Code of a result that is not the ordinary one. */
  code?: string;
  /** True: the provider answers item by item; `output` is the list of all items. */
  stream?: boolean;
}

/** What {@link protocolSuite} needs. */
export interface ProtocolSuiteOptions {
  protocol: Protocol & Required<Pick<Protocol, 'connect' | 'expose'>>;
  /** An interface with bindings of this protocol. */
  description: Interface;
  /** At least one case for each operation of the interface. */
  cases: readonly ProtocolCase[];
  /** An error result that the interface describes, and its body. */
  failure: { operation: string; input: JsonObject; code: string; body: JsonValue };
  /** An input that the interface forbids. */
  invalid: { operation: string; input: JsonObject };
  expose: ExposeOptions;
  /** What a client on the exposed address may use. */
  context: (location: string) => ConnectContext;
}

/** A provider that answers from the cases and remembers what it was asked. */
const answering = (
  description: Interface,
): { provider: Provider; asked: JsonObject[]; next: (answer: (options: CallOptions) => Promise<CallResult>) => void } => {
  const asked: JsonObject[] = [];
  let answer: (options: CallOptions) => Promise<CallResult> = () => Promise.resolve({ output: null });
  const provider: Provider = {
    interface: description,
    call: (_operation, input, options = {}) => {
      asked.push(input);
      return answer(options);
    },
  };
  return { provider, asked, next: (given) => (answer = given) };
};

async function* itemsOf(output: JsonValue): AsyncGenerator<JsonValue, void, undefined> {
  for (const item of Array.isArray(output) ? output : [output]) yield await Promise.resolve(item);
}

const resultOf = ({ output, code, stream }: ProtocolCase): CallResult => ({
  output: stream ? null : output,
  ...(stream ? { stream: itemsOf(output) } : {}),
  ...(code === undefined ? {} : { code }),
});

const drain = async (stream: AsyncIterable<JsonValue>): Promise<JsonValue[]> => {
  const all: JsonValue[] = [];
  for await (const item of stream) all.push(item);
  return all;
};

const codeOf = async (call: Promise<unknown>): Promise<ErrorCode | 'no error'> => {
  try {
    await call;
    return 'no error';
  } catch (error) {
    return BurgeonError.from(error).code;
  }
};

/** Both faces standing, and the provider behind them. */
type Stand = ReturnType<typeof answering> & { connection: Connection; exposure: Exposure };

/** Runs a body with both faces up, and takes them down. */
type Standing = (body: (stand: Stand) => Promise<void>) => Promise<void>;

const standing =
  ({ protocol, description, expose, context }: ProtocolSuiteOptions): Standing =>
  async (body) => {
    const answers = answering(description);
    const exposure = await protocol.expose(answers.provider, expose);
    const connection = await protocol.connect(description, context(exposure.url));
    try {
      await body({ ...answers, connection, exposure });
    } finally {
      await connection.close();
      await exposure.close();
    }
  };

const answerCases = ({ it, expect }: SuiteRunner, { description, cases }: ProtocolSuiteOptions, stand: Standing): void => {
  it('has a case for every operation', () => {
    const missing = description.operations.filter(({ id }) => !cases.some(({ operation }) => operation === id));
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  cases.forEach((each, index) =>
    it(`${each.operation} (${index}): the input arrives and the answer comes back`, () =>
      stand(async ({ connection, asked, next }) => {
        next(() => Promise.resolve(resultOf(each)));
        const result = await connection.call(each.operation, each.input);
        expect(result.stream ? await drain(result.stream) : result.output).toEqual(each.output);
        expect(result.code).toBe(each.code);
        expect(asked).toEqual([each.input]);
      })),
  );
};

const errorCases = ({ it, expect }: SuiteRunner, { failure, invalid }: ProtocolSuiteOptions, stand: Standing): void => {
  it('carries a described error with its code and body', () =>
    stand(async ({ connection, next }) => {
      const data = { code: failure.code, body: failure.body };
      next(() => Promise.reject(new BurgeonError('REMOTE_ERROR', { message: 'told by the suite', data })));
      const thrown = await connection.call(failure.operation, failure.input).catch((error: unknown) => error);
      const { code, data: carried } = BurgeonError.from(thrown);
      expect({ code, data: carried }).toEqual({ code: 'REMOTE_ERROR', data });
    }));

  it('keeps what the description forbids from the provider', () =>
    stand(async ({ connection, asked }) => {
      expect(await codeOf(connection.call(invalid.operation, invalid.input))).toBe('REMOTE_ERROR');
      expect(asked).toEqual([]);
    }));

  it('refuses an operation that is not there', () =>
    stand(async ({ connection }) => expect(await codeOf(connection.call('no such operation', {}))).toBe('OPERATION_NOT_FOUND')));
};

const endingCases = ({ it, expect }: SuiteRunner, { cases }: ProtocolSuiteOptions, stand: Standing): void => {
  const { operation = '', input = {} } = cases[0] ?? {};

  it('cancels a call at both ends', () =>
    stand(async ({ connection, next }) => {
      const controller = new AbortController();
      const ended = new Promise<void>((resolve) =>
        next(({ signal }) => {
          controller.abort();
          const refused = (reject: (error: BurgeonError) => void): void => {
            resolve();
            reject(new BurgeonError('CANCELLED', { message: 'cancelled' }));
          };
          return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => refused(reject)));
        }),
      );
      expect(await codeOf(connection.call(operation, input, { signal: controller.signal }))).toBe('CANCELLED');
      await ended;
    }));

  it('closes twice, and answers nothing afterwards', () =>
    stand(async ({ connection, exposure }) => {
      await exposure.close();
      await exposure.close();
      expect((await codeOf(connection.call(operation, input))) === 'no error').toBe(false);
      await connection.close();
      await connection.close();
    }));
};

/**
 * What every protocol with both faces must keep: whatever is exposed and connected to gives, operation by operation, the input that was
 * sent and the answer that was given, results beside the ordinary one and streams included; a described error arrives with its code and
 * body; what the description forbids does not reach the provider; a call can be cancelled; both ends close, and close twice.
 */
export const protocolSuite = (runner: SuiteRunner, options: ProtocolSuiteOptions): void => {
  const stand = standing(options);
  runner.describe(`protocol ${options.protocol.name}: both faces`, () => {
    answerCases(runner, options, stand);
    errorCases(runner, options, stand);
    endingCases(runner, options, stand);
  });
};
