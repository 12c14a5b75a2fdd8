import { type Ends, type Lane, type Member, endsOf } from './ends.ts';
import { remember } from './remember.ts';

/** Where the members of the bus are found. */
export interface Members {
  /** Ids of the modules that may be some. */
  ids(): Promise<string[]>;
  /** The version of a module that is called now; undefined when it takes no part. */
  find(id: string): Promise<Member | undefined>;
}

/** One module that takes a topic. */
export interface Receiver {
  id: string;
  lane: Lane;
}

/** Who takes which topic. */
export interface Directory {
  /** Those who take a topic, in the order of their ids; at once where nothing has changed since it was last asked. */
  receivers(topic: string): readonly Receiver[] | Promise<readonly Receiver[]>;
  /** Has one module looked at again, or all of them. */
  changed(id?: string): void;
}

/** Makes a directory that reads its members at the first question. */
export const createDirectory = (members: Members): Directory => {
  const known = new Map<string, Ends>();
  let changed: Set<string> | 'all' = 'all';
  let reading: Promise<void> | undefined;

  const find = (): ((topic: string) => readonly Receiver[]) =>
    remember((topic) =>
      [...known.values()]
        .flatMap((ends) => {
          const lane = ends.receiving(topic);
          return lane ? [{ id: ends.id, lane }] : [];
        })
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    );
  let receivers = find();

  const isCurrent = (): boolean => changed !== 'all' && changed.size === 0;
  const readOnce = async (): Promise<void> => {
    const which = changed === 'all' ? await members.ids() : [...changed];
    if (changed === 'all') known.clear();
    // What changes from here on is read in another round.
    changed = new Set();
    await Promise.all(
      which.map(async (id) => {
        const member = await members.find(id);
        if (member) known.set(id, endsOf(member));
        else known.delete(id);
      }),
    );
    receivers = find();
  };
  const read = async (): Promise<void> => {
    try {
      while (!isCurrent()) await readOnce();
    } catch (error) {
      changed = 'all';
      throw error;
    } finally {
      reading = undefined;
    }
  };
  return {
    receivers: (topic) => {
      if (isCurrent() && reading === undefined) return receivers(topic);
      reading ??= read();
      return reading.then(() => receivers(topic));
    },
    changed: (id) => {
      if (id === undefined) changed = 'all';
      else if (changed !== 'all') changed.add(id);
    },
  };
};
