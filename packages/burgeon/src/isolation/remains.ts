import { readFileSync, readdirSync } from 'node:fs';
import { residentBytes, treeBytes } from '../base/disposable.ts';

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const list = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};

/** Processes below one, itself left out; empty where there is no `/proc`. */
const processesBelow = (pid: number, depth = 0): number[] => {
  if (depth > 6) return [];
  const children = list(`/proc/${pid}/task`).flatMap((task) => read(`/proc/${pid}/task/${task}/children`).split(' '));
  return children.flatMap((child) => (child.trim() === '' ? [] : [Number(child), ...processesBelow(Number(child), depth + 1)]));
};

/** Processor time that everything below this process has taken, nanoseconds. */
const nanosecondsBelow = (): number => {
  let total = 0;
  for (const pid of processesBelow(process.pid))
    for (const task of list(`/proc/${pid}/task`)) total += Number(read(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0] ?? 0);
  return total;
};

/** Resident memory of everything below this process, bytes; 0 where there is no `/proc`. */
export const bytesBelow = (): number => treeBytes(process.pid) - residentBytes(process.pid);

const windowMs = 15;

/** Looks at most this often before saying that somebody is still at work. */
const mostLooks = 150;

/** Waits until nothing below this process works any more. False when something goes on. */
export const fallsQuiet = async (sleep: (ms: number) => Promise<void>): Promise<boolean> => {
  for (let look = 0; look < mostLooks; look += 1) {
    const [before, begun] = [nanosecondsBelow(), performance.now()];
    await sleep(windowMs);
    const share = (nanosecondsBelow() - before) / 1e6 / (performance.now() - begun);
    if (share < 0.5) return true;
  }
  return false;
};

/** Processes anywhere on this machine that carry the mark in their name or command line; those that are only waiting to be buried left out. */
const marked = (mark: string): number[] =>
  list('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    if (/\) [ZX] /.test(read(`/proc/${pid}/stat`))) return [];
    return read(`/proc/${pid}/comm`).includes(mark) || read(`/proc/${pid}/cmdline`).includes(mark) ? [pid] : [];
  });

/** How many processes with the mark there still are after a moment in which the last of them may end. */
export const left = async (mark: string, sleep: (ms: number) => Promise<void>): Promise<number> => {
  for (let look = 0; look < mostLooks; look += 1) {
    if (marked(mark).length === 0) return 0;
    await sleep(windowMs);
  }
  return marked(mark).length;
};
