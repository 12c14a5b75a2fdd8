import { readFileSync } from 'node:fs';

// USER_HZ, which Linux has fixed at 100 for what it tells programs: time(7).
const tickMs = 10;
const deepest = 4;

/** Processor time of a process and of what is below it, milliseconds; 0 where `/proc` cannot tell. What has ended below it is left out. */
export const treeTimeMs = (pid: number, depth = 0): number => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const own = (Number(fields[11]) + Number(fields[12])) * tickMs;
    if (depth >= deepest) return own;
    const below = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return below === '' ? own : below.split(' ').reduce((sum, child) => sum + treeTimeMs(Number(child), depth + 1), own);
  } catch {
    return 0;
  }
};
