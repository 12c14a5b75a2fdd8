import { BurgeonError } from '@burgeon/kit';

/**
 * Waits until the person stops the command or what it holds has ended by itself.
 * @throws {BurgeonError} REMOTE_UNREACHABLE when it ended by itself
 */
export const untilStopped = async (signal: AbortSignal, ended: Promise<void>): Promise<void> => {
  // Nothing else may keep the process alive while it waits.
  const alive = setInterval(() => {}, 60_000);
  const stopped = new Promise<'stopped'>((resolve) => {
    if (signal.aborted) resolve('stopped');
    signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  const why = await Promise.race([stopped, ended.then(() => 'ended' as const)]);
  clearInterval(alive);
  if (why === 'stopped' || signal.aborted) return;
  throw new BurgeonError('REMOTE_UNREACHABLE', {
    message: 'The server that held it has stopped.',
    hint: 'Run the command again.',
  });
};
