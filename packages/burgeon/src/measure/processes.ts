import { readFileSync } from 'node:fs';
import { residentBytes } from '../base/disposable.ts';

/** Memory of processes, shared pages divided among those who share, bytes. Those below one are what runs modules and is not this process. */
export const bytesOf = (pids: readonly number[] = descendantsOf()): number =>
  pids.reduce((total, pid) => total + processBytes(pid), 0);

/** Processes below another, all of them. */
export const descendantsOf = (pid: number = process.pid): number[] =>
  childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);

const childrenOf = (pid: number): number[] => {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
};

/**
 * Memory of one process, shared pages divided among those who share, bytes; with all shared pages where we may not look closer.
 * @see https://docs.kernel.org/filesystems/proc.html `smaps_rollup`, Pss
 */
const processBytes = (pid: number): number => {
  try {
    return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return residentBytes(pid);
  }
};

/** Of a second, 1/100 each. */
const tickMs = 10;

/** Processor time that a process took so far, milliseconds; 0 where it cannot be told. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
export const processorMs = (pid: number): number => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  } catch {
    return 0;
  }
};
