import { BurgeonError, type CallOptions, type CallResult, type JsonObject, type JsonValue, type Operation } from '@burgeon/kit';
import { nearest } from '../base/nearest.ts';
import { outputIssue } from '../interface/output.ts';
import { denialText } from '../security/egress-denial.ts';
import { heldError } from './life/holds.ts';
import { chainOf, freest, isOpen, type Line } from './life/line.ts';
import type { Lines } from './life/lines.ts';
import { load, refill } from './life/load.ts';
import type { PreparedModule } from './life/prepared.ts';
import type { Replica } from './life/replica.ts';
import { lifeTable, nextStep } from './life/states.ts';
import { withinLimits } from './limits.ts';
import { countCall } from './monitor.ts';

/** A call with who makes it. */
export interface Request {
  reference: string;
  operation: string;
  input: JsonObject;
  options: CallOptions;
  /** The line whose code makes it; undefined when it comes from outside. */
  from?: Line;
}

/** A message with who sends it. */
export interface Delivery {
  reference: string;
  topic: string;
  body: JsonValue;
  /** The line that waits for the reply. */
  from?: Line | undefined;
}

/** What a call gives, with how long it took and under which trace. */
export type TracedResult = CallResult & { traceId: string; elapsedMs: number };

/** How often a module's last use is noted, milliseconds. */
const touchMs = 1_000;

/**
 * Carries a call to the module it names.
 * @throws {BurgeonError} MODULE_NOT_FOUND, OPERATION_NOT_FOUND, INPUT_INVALID, LIMIT_EXCEEDED, MODULE_QUARANTINED, MODULE_SUSPENDED, ...
 */
export const carryCall = async (lines: Lines, request: Request): Promise<TracedResult> => {
  const { operation: name, input, options, from } = request;
  const chain = from && chainOf(from);
  let line = lines.known(wantedBy(request));
  while (!line || !isOpen(line, chain)) {
    await admit(lines, await lines.find(wantedBy(request)), { chain, signal: options.signal });
    line = lines.known(wantedBy(request));
  }
  // Nothing is waited for between the look at the line and the call.
  const replica = freest(line) as Replica;
  const { prepared } = replica;
  const operation = operationOf(prepared, name);
  checkInput(prepared, operation, input);
  const traceId = options.traceId ?? lines.parts.nextTrace();
  const { result, elapsedMs } = await perform(
    lines,
    { line, replica, chain },
    {
      name: operation.id,
      input,
      options: options.traceId === undefined ? { ...options, traceId } : options,
      changes: operation.effect !== 'read',
      run: async (bounded) => {
        const answer = await replica.instance.call(operation.id, input, bounded);
        checkOutput(prepared, operation, answer);
        return answer.stream ? { ...answer, stream: counted(answer.stream, replica) } : answer;
      },
    },
  );
  return { ...result, traceId, elapsedMs };
};

/** Hands a message to a module; gives its reply. @throws {BurgeonError} as {@link carryCall} */
export const deliver = async (lines: Lines, { reference, topic, body, from }: Delivery): Promise<JsonValue> => {
  const chain = from && chainOf(from);
  let line = lines.known(reference);
  while (!line || !isOpen(line, chain)) {
    await admit(lines, await lines.find(reference), { chain });
    line = lines.known(reference);
  }
  const replica = freest(line) as Replica;
  const { result } = await perform(
    lines,
    { line, replica, chain },
    {
      name: '(message)',
      input: body,
      options: {},
      changes: true,
      run: async () => ({ output: await replica.instance.message(topic, body) }),
    },
  );
  return result.output;
};

/** Code reaches the version of another module that was chosen for it; looked up anew each time, since it may change while a call waits. */
const wantedBy = ({ reference, from }: Pick<Request, 'reference' | 'from'>): string => {
  const pick = from?.picks.get(reference);
  return pick === undefined ? reference : `${reference}@${pick}`;
};

/** Waits until a call may run, or says why it may not. What it waited for may have changed again: the caller looks anew. */
const admit = async (
  lines: Lines,
  line: Line,
  { chain, signal }: { chain: ReadonlySet<Line> | undefined; signal?: AbortSignal | undefined },
): Promise<void> => {
  if (isOpen(line, chain)) return;
  if (line.hold) throw heldError(line.key, line.hold);
  const ready = line.starting ?? (lifeTable[line.state].calls === 'start' ? load(lines, line) : nextStep(line));
  if (!signal) return ready;
  const cancelled = Promise.withResolvers<never>();
  const cancel = (): void =>
    cancelled.reject(new BurgeonError('CANCELLED', { message: `The call of ${line.key} was cancelled.`, cause: signal.reason }));
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  await Promise.race([ready, cancelled.promise]).finally(() => signal.removeEventListener('abort', cancel));
};

/** Where something runs, and on whose behalf. */
interface Place {
  line: Line;
  replica: Replica;
  chain: ReadonlySet<Line> | undefined;
}

/** What runs there. */
interface Work {
  name: string;
  input: JsonValue;
  options: CallOptions;
  /** True when it may change the module's state. */
  changes: boolean;
  run(options: CallOptions): Promise<CallResult>;
}

const perform = async (lines: Lines, place: Place, work: Work): Promise<{ result: CallResult; elapsedMs: number }> => {
  const { line, replica, chain } = place;
  const { id: module, version, limits, card } = replica.prepared;
  const begun = performance.now();
  let code: string | undefined;
  let elapsedMs = 0;
  const takeTime = (): number => (elapsedMs = Math.round((performance.now() - begun) * 1_000) / 1_000);
  replica.inFlight += 1;
  line.figures.inFlight += 1;
  if (chain) for (const each of chain) line.callers.set(each, (line.callers.get(each) ?? 0) + 1);
  if (line.replicas.length < line.wanted) refill(lines, line);
  try {
    const { name: operation, input, options } = work;
    const result = await withinLimits(limits, { module, operation, input, options, own: card.limits }, work.run);
    takeTime();
    return { result, elapsedMs };
  } catch (error) {
    const told = explain(line, replica, error);
    code = BurgeonError.from(told).code;
    noteDenial(lines, place, told);
    throw told;
  } finally {
    lines.parts.metrics.count(module, work.name, code ?? 'ok', code === undefined ? elapsedMs : takeTime());
    lines.record.finished({ module, version, operation: work.name, code, traceId: work.options.traceId });
    leave(lines, place, { changes: work.changes, code });
  }
};

/** What code is denied is noted where it asks; what a protocol was denied shows only in how its call ends. */
const noteDenial = (lines: Lines, { line, replica: { prepared } }: Place, error: unknown): void => {
  const what = prepared.card.kind === 'code' ? undefined : denialText(error);
  if (what === undefined) return;
  line.figures.denials += 1;
  lines.record.denied({ module: prepared.id, version: prepared.version, what });
};

const leave = ({ parts }: Lines, { line, replica, chain }: Place, end: { changes: boolean; code: string | undefined }): void => {
  const now = parts.clock.now();
  line.figures.inFlight -= 1;
  countCall(line.figures, now, end.code);
  if (chain) for (const each of chain) forgetCaller(line, each);
  if (now - line.touchedAt >= touchMs) {
    line.touchedAt = now;
    parts.registry.touch(replica.prepared);
  }
  if (end.changes && replica.prepared.card.state && !replica.lost) line.keeper.changed();
  replica.leave();
};

const forgetCaller = ({ callers }: Line, caller: Line): void => {
  const left = (callers.get(caller) ?? 0) - 1;
  if (left > 0) callers.set(caller, left);
  else callers.delete(caller);
};

/** A call that ended because its module was put aside says so. */
const explain = (line: Line, replica: Replica, error: unknown): unknown => {
  const isStopped = line.hold && !line.replicas.includes(replica) && BurgeonError.is(error) && error.code === 'CANCELLED';
  return isStopped && line.hold ? heldError(line.key, line.hold) : error;
};

/** A stream that counts as running until it is read to its end, or given up. */
const counted = (stream: AsyncIterable<JsonValue>, replica: Replica): AsyncIterable<JsonValue> => {
  let open = true;
  replica.streams += 1;
  const end = (): void => {
    if (open) replica.endStream();
    open = false;
  };
  return {
    [Symbol.asyncIterator]: () => {
      const items = stream[Symbol.asyncIterator]();
      return {
        next: async () => {
          try {
            const item = await items.next();
            if (item.done === true) end();
            return item;
          } catch (error) {
            end();
            throw error;
          }
        },
        return: async () => {
          end();
          return (await items.return?.()) ?? { done: true, value: undefined };
        },
      };
    },
  };
};

const operationOf = ({ id, operations }: PreparedModule, name: string): Operation => {
  const operation = operations.get(name);
  if (operation) return operation;
  const near = nearest(name, [...operations.keys()]);
  throw new BurgeonError('OPERATION_NOT_FOUND', {
    message: `${id} has no operation "${name}".`,
    hint: near === undefined ? `See: burgeon show ${id}` : `Did you mean ${near}? All operations: burgeon show ${id}`,
    data: { module: id, operation: name, ...(near === undefined ? {} : { near }) },
  });
};

/** Code is not believed: its answer must be what its interface says. What a protocol brings is the word of the other side. */
const checkOutput = ({ id, card, validator }: PreparedModule, operation: Operation, { output }: CallResult): void => {
  if (card.kind !== 'code') return;
  const issue = outputIssue(validator, operation, output);
  if (!issue) return;
  throw new BurgeonError('MODULE_FAILED', {
    message: `${id}.${operation.id} answered what it does not describe at ${issue.path || 'the top'}: ${issue.message}.`,
    hint: `Its author has to correct it; the input may show where: burgeon show ${id} --operation ${operation.id}`,
    data: { module: id, operation: operation.id, issues: [{ path: issue.path, message: issue.message }] },
  });
};

const checkInput = ({ id, validator }: PreparedModule, operation: Operation, input: JsonObject): void => {
  const issues = validator.check(operation.input, input, { direction: 'request' });
  const [first] = issues;
  if (!first) return;
  throw new BurgeonError('INPUT_INVALID', {
    message: `The input of ${id}.${operation.id} is not right at ${first.path || 'the top'}: ${first.message}.`,
    hint: `See what it takes: burgeon show ${id} --operation ${operation.id}`,
    data: { issues: issues.map(({ path, message }) => ({ path, message })) },
  });
};
