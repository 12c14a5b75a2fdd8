import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Names this process for what it makes outside itself: `space-pid-start`. A process is told from a later one of the same number by its
 * start, and from one of another container by its number space.
 */
export const ownerName = (): string => `${numberSpace()}-${process.pid}-${startOf(process.pid)}`;

/** Whether the owner that a name begins with is dead. False for what cannot be judged from here. */
export const isOwnerGone = (name: string): boolean => {
  const [space, pid, start] = name.split('-');
  if (pid === undefined || start === undefined || space !== numberSpace() || !/^\d+$/.test(pid)) return false;
  if (process.platform === 'linux') return startOf(Number(pid)) !== start;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
};

const numberSpace = (): string => {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
};

/** When a process began, in ticks since the machine did; empty when there is none. Field 22 of proc_pid_stat(5). */
const startOf = (pid: number): string => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
};
