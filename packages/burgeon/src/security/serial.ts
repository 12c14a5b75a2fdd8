/** Runs works one after another, in the order they came; one that fails does not stop the next. */
export type Serial = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes a queue of one lane. */
export const createSerial = (): Serial => {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => {});
    return next;
  };
};

/** Runs works of one name one after another; those of different names do not wait for each other. */
export type Lanes = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** Makes lanes; one that is empty is forgotten. */
export const createLanes = (): Lanes => {
  const lanes = new Map<string, { inTurn: Serial; waiting: number }>();
  return async (name, work) => {
    const lane = lanes.get(name) ?? { inTurn: createSerial(), waiting: 0 };
    lanes.set(name, lane);
    lane.waiting += 1;
    try {
      return await lane.inTurn(work);
    } finally {
      lane.waiting -= 1;
      if (lane.waiting === 0) lanes.delete(name);
    }
  };
};
