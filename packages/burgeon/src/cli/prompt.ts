import { BurgeonError } from '@burgeon/kit';
import { usage } from './fault.ts';
import type { Terminal } from './terminal.ts';
import { render } from './text.ts';

/** Who asks, and what ends the asking. */
interface Asking {
  terminal: Terminal;
  signal: AbortSignal;
}

/** Asks for one line on the terminal. Empty when nothing was typed or the input ended. */
export const ask = async ({ terminal, signal }: Asking, question: string): Promise<string> => {
  const { createInterface } = await import('node:readline/promises');
  const { stdin, stderr } = terminal.streams;
  const reader = createInterface({ input: stdin, output: stderr, terminal: true });
  // Readline takes Ctrl-C for itself in raw mode; hand it on.
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const ended = new Promise<string>((resolve) => reader.once('close', () => resolve('')));
    return (await Promise.race([reader.question(render(`${question}: `, terminal.manners.colour), { signal }), ended])).trim();
  } finally {
    reader.close();
  }
};

/** Asks a yes-or-no question; `--yes` answers it. @throws {BurgeonError} USAGE when nobody can be asked */
export const confirmed = async (asking: Asking, question: string): Promise<boolean> => {
  if (asking.terminal.manners.yes) return true;
  if (!asking.terminal.interactive) throw usage(`${question} Nobody can be asked here.`, 'Run it again with --yes.');
  return /^(y|yes|t|tak)$/i.test(await ask(asking, `${question} [y/N]`));
};

/** Asks for a line that is not shown while it is typed. */
export const askHidden = async ({ terminal, signal }: Asking, question: string): Promise<string> => {
  const { password, isCancel } = await import('@clack/prompts');
  const { stdin, stderr } = terminal.streams;
  const value = await password({ message: question, mask: '*', input: stdin, output: stderr, signal });
  signal.throwIfAborted();
  // In raw mode Ctrl-C is a key, not a signal.
  if (isCancel(value)) throw new BurgeonError('CANCELLED', { message: 'Interrupted.', hint: 'Nothing was left half done.' });
  return value;
};
