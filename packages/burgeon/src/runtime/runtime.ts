import { BurgeonError, type CallOptions, type Interface, type JsonObject, type JsonValue } from '@burgeon/kit';
import { carryCall, deliver, type TracedResult } from './calls.ts';
import { follow } from './life/changed.ts';
import { dependentsOf, endAll, isRunning, type LifeContext, type Line } from './life/line.ts';
import { openLines, type Lines } from './life/lines.ts';
import { checkReplicas, loadAgain, prepareLine } from './life/load.ts';
import { putAside } from './life/put-aside.ts';
import { reload } from './life/reload.ts';
import type { Ties } from './life/replica.ts';
import { onDenied, onEnded } from './life/supervisor.ts';
import { unload } from './life/unload.ts';
import { readFigures, type RunningModule } from './monitor.ts';
import type { RuntimeParts } from './parts.ts';

/** Loads modules on first use and carries calls to them. Nothing that was not verified at this load is ever run. */
export interface Runtime {
  /**
   * Calls `operation` of the module that `reference` names (`ns/name`, `ns/name@version`, or a unique bare name).
   * @throws {BurgeonError} MODULE_NOT_FOUND, OPERATION_NOT_FOUND, INPUT_INVALID, APPROVAL_PENDING, SIGNATURE_INVALID, LIMIT_EXCEEDED, ...
   */
  call(reference: string, operation: string, input: JsonObject, options?: CallOptions): Promise<TracedResult>;
  /** Hands a message to a module; gives its reply. `from`: id of the module that sent it, if one did. @throws {BurgeonError} as `call` */
  message(id: string, topic: string, body: JsonValue, options?: { from?: string }): Promise<JsonValue>;
  /** The interface of a module, verified. Starts nothing. */
  describe(reference: string): Promise<Interface>;
  /**
   * Starts a module, also one that was put aside, with so many instances.
   * @throws {BurgeonError} UNSUPPORTED when several are wanted of a module that keeps state, DEPENDENCY_UNMET, ...
   */
  load(reference: string, options?: { replicas?: number }): Promise<RunningModule>;
  /** Puts a new instance in the place of the one that runs, with its state; no call is lost. Where nothing runs, it is started. */
  reload(reference: string): Promise<RunningModule>;
  /**
   * Ends a module; the next call starts it anew, with its state. Gives what was unloaded, in order.
   * @throws {BurgeonError} MODULE_NEEDED when a running module needs it and `cascade` is not set
   */
  unload(reference: string, options?: { cascade?: boolean }): Promise<string[]>;
  /**
   * Puts a module aside, for a reason in words: calls are refused with MODULE_QUARANTINED until somebody loads it, or another version takes its
   * place. True when it was not put aside before.
   */
  quarantine(reference: string, reason: string): Promise<boolean>;
  /** To be called after every change to a module in the registry. @throws what kept a new version from taking over; the old one then goes on */
  changed(id: string): Promise<void>;
  /** Every module that runs or is put aside, in the order of their names. */
  running(): RunningModule[];
  /** Calls and messages that run in a module now. */
  inFlight(id: string): number;
  /** Ends everything; states are kept. */
  close(): Promise<void>;
}

/** Makes a runtime over a registry. Its owner closes it. */
export const createRuntime = (parts: RuntimeParts): Runtime => {
  const lines = openLines(parts, tiesOf);
  let closed = false;
  const closing = (): BurgeonError => new BurgeonError('CANCELLED', { message: 'Burgeon is closing.' });
  const runtime: Runtime = {
    call: (reference, operation, input, options = {}) =>
      closed ? Promise.reject(closing()) : carryCall(lines, { reference, operation, input, options }),
    message: async (reference, topic, body, { from } = {}) => {
      if (closed) throw closing();
      return deliver(lines, { reference, topic, body, from: from === undefined ? undefined : lines.following(from) });
    },
    describe: async (reference) => (await prepareLine(lines, await lines.find(reference))).description,
    load: async (reference, { replicas } = {}) => {
      if (closed) throw closing();
      const line = await lines.find(reference);
      if (line.prepared && replicas !== undefined) checkReplicas(line.prepared, replicas);
      const more = line.state === 'ready' && replicas !== undefined && replicas !== line.wanted;
      await (more ? reload(lines, line, { replicas }) : loadAgain(lines, line, replicas === undefined ? {} : { replicas }));
      return figuresOf(lines, line);
    },
    reload: async (reference) => {
      if (closed) throw closing();
      const line = await lines.find(reference);
      await reload(lines, line);
      return figuresOf(lines, line);
    },
    unload: async (reference, options = {}) => unload(lines, await lines.find(reference), options),
    quarantine: async (reference, reason) => putAside(lines, await lines.find(reference), reason),
    changed: (id) => follow(lines, id),
    running: () =>
      [...lines.all()]
        .filter((line) => line.state !== 'unloaded')
        .map((line) => figuresOf(lines, line))
        .sort((a, b) => (a.module < b.module ? -1 : 1)),
    inFlight: (id) => lines.following(id)?.figures.inFlight ?? 0,
    close: async () => {
      closed = true;
      lines.close();
      await closeAll(lines);
      await lines.record.flush();
    },
  };
  parts.metrics.observe(() => runtime.running());
  return runtime;
};

/** How an instance is tied to its line. */
const tiesOf = (line: Line, lines: Lines): Ties => ({
  closing: lines.closing,
  ended: (replica, reason) => onEnded(lines, line, { replica, reason }),
  denied: (replica, what) => onDenied(lines, line, { replica, what }),
  call: (reference, operation, input, options = {}) => carryCall(lines, { reference, operation, input, options, from: line }),
});

const figuresOf = ({ parts }: LifeContext, line: Line): RunningModule => {
  const { key, state, prepared, replicas, retiring, figures, picks, hold, pinned } = line;
  const usages = [...replicas, ...retiring].map((replica) => replica.usage());
  return {
    module: key,
    version: prepared?.version ?? hold?.version ?? pinned ?? '',
    state,
    host: prepared?.card.host ?? '',
    replicas: replicas.length,
    ...readFigures(figures, usages, parts.clock),
    needs: [...picks].map(([id, version]) => `${id}@${version}`),
    ...(hold ? { reason: hold.reason } : {}),
  };
};

/** Those that nobody needs go first, so that what still runs finds what it needs. */
const closeAll = async (lines: Lines): Promise<void> => {
  for (;;) {
    const running = [...lines.all()].filter(isRunning);
    if (running.length === 0) break;
    const free = running.filter((line) => dependentsOf(lines, line).length === 0);
    await Promise.all((free.length > 0 ? free : running).map((line) => unload(lines, line, { forced: true })));
  }
  for (const line of lines.all()) await endAll(line, [...line.retiring]);
  await lines.settle();
};
