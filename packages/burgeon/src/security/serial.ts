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
