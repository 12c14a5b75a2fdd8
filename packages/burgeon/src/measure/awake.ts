import { spawnSync } from 'node:child_process';

/**
 * Whether a processor can be kept awake here. A virtual processor that fell asleep takes some 50 microseconds to wake, which on an idle machine
 * is most of what a message between processes then seems to cost; on one with any other work it is not there.
 * @see https://man7.org/linux/man-pages/man7/sched.7.html SCHED_IDLE
 */
export const canKeepAwake = (): boolean =>
  process.platform === 'linux' && spawnSync('chrt', ['--idle', '0', 'true'], { stdio: 'ignore' }).status === 0;

/** Runs work while one processor is kept awake by something that gives way to everything else, where that can be had. */
export const keptAwake = async <T>(work: () => Promise<T>): Promise<T> => {
  if (!canKeepAwake()) return work();
  // No child of ours, so that nobody takes it for one that runs modules; it ends with us all the same.
  const script = `chrt --idle 0 sh -c 'while kill -0 ${process.pid} 2>/dev/null; do :; done' >/dev/null 2>&1 & echo $!`;
  const pid = Number(spawnSync('sh', ['-c', script]).stdout.toString());
  try {
    return await work();
  } finally {
    if (pid > 1) process.kill(pid, 'SIGKILL');
  }
};
