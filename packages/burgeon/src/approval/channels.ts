import {
  type AdapterList,
  type ApprovalChannel,
  type ApprovalChannelAdapter,
  type ApprovalChannelContext,
  BurgeonError,
  type JsonObject,
} from '@burgeon/kit';
import { createValidator } from '../interface/validate.ts';

/** The approval channels of a home, opened with what the owner set for each; opened again when that changes. */
export interface ChannelSet {
  /** In the order of preference. */
  all(): Promise<readonly ApprovalChannel[]>;
  adapters(): Promise<readonly ApprovalChannelAdapter[]>;
  /** Opens them anew at the next use, and says so to whoever wants to know. */
  reset(): void;
  /** Calls `listener` after each reset; gives the way to stop that. */
  subscribe(listener: () => void): () => void;
}

/** Makes the set. `settings` are read each time it opens. */
export const createChannelSet = (
  family: AdapterList<ApprovalChannelAdapter>,
  context: Omit<ApprovalChannelContext, 'settings'>,
  settings: () => Readonly<Record<string, JsonObject>>,
): ChannelSet => {
  let opened: Promise<readonly ApprovalChannel[]> | undefined;
  const listeners = new Set<() => void>();
  const adapters = (): Promise<ApprovalChannelAdapter[]> => Promise.all(Object.values(family).map((load) => load()));
  const openAll = async (): Promise<readonly ApprovalChannel[]> => {
    const set = settings();
    return (await adapters()).map((adapter) => {
      const own = Object.hasOwn(set, adapter.name) ? set[adapter.name] : undefined;
      return adapter.open({ ...context, ...(own === undefined ? {} : { settings: own }) });
    });
  };
  return {
    all: () => (opened ??= openAll()),
    adapters,
    reset: () => {
      opened = undefined;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

/**
 * Judges what the owner wants to set for a channel.
 * @throws {BurgeonError} ADAPTER_UNKNOWN; UNSUPPORTED when nothing can be set for it; INPUT_INVALID with the issues
 */
export const checkSettings = (adapter: ApprovalChannelAdapter | undefined, name: string, settings: JsonObject): void => {
  if (adapter === undefined) throw unknownChannel(name);
  if (adapter.settings === undefined) {
    throw new BurgeonError('UNSUPPORTED', {
      message: `Nothing can be set for the channel ${name}.`,
      hint: 'See burgeon channels.',
    });
  }
  const issues = createValidator({}).check(adapter.settings, settings);
  const [first] = issues;
  if (first === undefined) return;
  throw new BurgeonError('INPUT_INVALID', {
    message: `The settings of ${name} are not right at ${first.path || 'the top'}: ${first.message}.`,
    hint: `burgeon channels shows what ${name} takes.`,
    data: { issues: issues.map(({ path, message }) => ({ path, message })) },
  });
};

/** Says that there is no channel of a name. */
export const unknownChannel = (name: string): BurgeonError =>
  new BurgeonError('ADAPTER_UNKNOWN', {
    message: `There is no approval channel ${JSON.stringify(name.slice(0, 100))}.`,
    hint: 'Run burgeon channels.',
  });
