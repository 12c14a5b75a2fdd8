import { BurgeonError } from '@burgeon/kit';
import type { RuntimeParts } from '../parts.ts';
import { openCallRecord } from '../call-record.ts';
import { openHolds } from './holds.ts';
import { openStates } from './kept-state.ts';
import { createLine, isRunning, type LifeContext, type Line } from './line.ts';
import type { Ties } from './replica.ts';

/** All lines, and the way to them. */
export interface Lines extends LifeContext {
  /** The line of a reference that was found before; looks nowhere else. */
  known(reference: string): Line | undefined;
  /** The line that follows the active version of a module, if there is one yet. */
  following(id: string): Line | undefined;
  /** Every line of a module. */
  of(id: string): Line[];
  /** Takes a line off the list; nothing may run there. */
  drop(line: Line): void;
  /** Everything is about to end: what has not started yet does not. */
  close(): void;
  /** Resolves when nothing goes on in the background. */
  settle(): Promise<void>;
}

/** References are texts of callers: more of them than this are not remembered. */
const mostKnown = 10_000;

/** Opens the lines of a runtime. `ties`: how an instance of a line is tied to the rest. */
export const openLines = (parts: RuntimeParts, ties: (line: Line, lines: Lines) => Ties): Lines => {
  const byKey = new Map<string, Line>();
  const known = new Map<string, Line>();
  const going = new Set<Promise<unknown>>();
  const states = openStates(parts.store);
  const closing = new AbortController();

  const lineOf = (id: string, pinned?: string): Line => {
    const key = pinned === undefined ? id : `${id}@${pinned}`;
    const line = byKey.get(key) ?? createLine({ ...parts, states }, id, pinned);
    byKey.set(key, line);
    return line;
  };
  const seek = async (reference: string): Promise<Line> => {
    const { id, version } = await parts.registry.resolve(reference);
    if (!reference.includes('@')) return lineOf(id);
    // The line that follows the active version stands for that one and, while the registry is ahead of it, for the one that still runs there.
    const following = byKey.get(id);
    const runs = following && isRunning(following) ? following.prepared?.version : undefined;
    const isFollowed = runs === version || (await parts.registry.resolve(id)).version === version;
    return isFollowed ? lineOf(id) : lineOf(id, version);
  };
  const lines: Lines = {
    parts,
    states,
    holds: openHolds(parts.store),
    record: openCallRecord(parts),
    ties: (line) => ties(line, lines),
    known: (reference) => known.get(reference),
    find: async (reference) => {
      const found = known.get(reference);
      if (found) return found;
      const line = await seek(reference);
      if (known.size >= mostKnown) known.clear();
      known.set(reference, line);
      return line;
    },
    all: () => byKey.values(),
    following: (id) => byKey.get(id),
    of: (id) => [...byKey.values()].filter((line) => line.id === id),
    forget: () => known.clear(),
    drop: (line) => {
      byKey.delete(line.key);
      known.clear();
    },
    closing: closing.signal,
    close: () => closing.abort(),
    background: (work) => {
      const quiet = work.catch((error: unknown) => {
        const { code, message } = BurgeonError.from(error);
        parts.log.warn('Something in the background failed.', { code, message });
      });
      going.add(quiet);
      void quiet.then(() => going.delete(quiet));
    },
    settle: async () => {
      while (going.size > 0) await Promise.all(going);
    },
  };
  return lines;
};
