import { asText } from '../base/json.ts';
import { resolve } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { CommanderError } from 'commander';
import { systemClock } from '../base/clock.ts';
import { nearest } from '../base/nearest.ts';
import type { Client } from './client.ts';
import { commandLineOf, type Command, type Invocation } from './command.ts';
import { commands } from './commands.ts';
import { exitCodeOf, faultJson, faultText, usage, type ExitCode } from './fault.ts';
import { buildProgram } from './program.ts';
import { createTerminal, drained, type Manners, type Streams, type Terminal } from './terminal.ts';

/** How long a command has to end by itself once it was told to, milliseconds. */
const graceMs = { SIGINT: 600, SIGTERM: 10_000 } as const;
/** How long the home may take to close after that, milliseconds. */
const closeMs = 200;

/**
 * Runs one command line from its words to its exit code. Everything that goes wrong is said here, once; nothing is thrown.
 */
export const run = async (words: readonly string[], streams: Streams): Promise<ExitCode> => {
  let manners = roughManners(words);
  let code: ExitCode;
  try {
    code = await parse(words, streams, async (command, line) => {
      manners = mannersOf(line.options);
      return invoke(command, line, createTerminal(streams, manners));
    });
  } catch (thrown) {
    code = tell(failureOf(thrown, words), createTerminal(streams, manners));
  }
  await drained(streams);
  return code;
};

/** What was written, once commander has taken it apart. */
interface Line {
  words: string[];
  options: Record<string, unknown>;
}

const parse = async (
  words: readonly string[],
  streams: Streams,
  action: (command: Command, line: Line) => Promise<ExitCode>,
): Promise<ExitCode> => {
  let code: ExitCode = 0;
  const program = buildProgram(commands, streams, async (command, line) => {
    code = await action(command, line);
  });
  try {
    await program.parseAsync(words.length === 0 ? ['--help'] : [...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    throw error;
  }
  return code;
};

const invoke = async (command: Command, line: Line, terminal: Terminal): Promise<ExitCode> => {
  const interruption = interruptible(terminal);
  const { signal } = interruption;
  let client: Promise<Client> | undefined;
  const home = resolve(asText(line.options['home'] ?? process.env['BURGEON_HOME'] ?? '.burgeon'));
  const invocation: Invocation = {
    words: line.words,
    options: line.options,
    terminal,
    home,
    signal,
    stoppedBy: interruption.stoppedBy,
    commands,
    open: () => (client ??= import('./client.ts').then(({ openClient }) => openClient(home, terminal, signal))),
  };
  try {
    const action = await command.load();
    const code = (await Promise.race([action(invocation), interruption.insisted])) ?? 0;
    return interruption.stoppedBy() === 'SIGINT' ? 130 : code;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new BurgeonError('CANCELLED', { message: 'Interrupted.', hint: 'Nothing was left half done.', cause: error });
  } finally {
    const closed = client?.then((opened) => opened.close()).catch(() => {});
    await (signal.aborted ? Promise.race([closed, systemClock.sleep(closeMs)]) : closed);
    terminal.settle();
    interruption.release();
  }
};

interface Interruption {
  signal: AbortSignal;
  /** Rejects when the grace is over: what does not listen to the signal is waited for no longer. */
  insisted: Promise<never>;
  stoppedBy: Invocation['stoppedBy'];
  release(): void;
}

/** Asks once and then insists: what has not ended after the grace, or at the second Ctrl-C, is left as a crash would leave it. */
const interruptible = (terminal: Terminal): Interruption => {
  const controller = new AbortController();
  const { promise: insisted, reject } = Promise.withResolvers<never>();
  insisted.catch(() => {});
  let by: 'SIGINT' | 'SIGTERM' | undefined;
  let grace: NodeJS.Timeout | undefined;
  const stop = (name: 'SIGINT' | 'SIGTERM'): void => {
    if (by !== undefined) {
      terminal.settle();
      process.exit(130);
    }
    by = name;
    const interrupted = new BurgeonError('CANCELLED', { message: 'Interrupted.' });
    grace = setTimeout(() => reject(interrupted), graceMs[name]);
    controller.abort(interrupted);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const release = (): void => {
    clearTimeout(grace);
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  return { signal: controller.signal, insisted, stoppedBy: () => by, release };
};

const tell = (error: BurgeonError, terminal: Terminal): ExitCode => {
  terminal.settle();
  if (terminal.manners.json) terminal.line(faultJson(error), () => '');
  else terminal.say(faultText(error, terminal.manners.verbose));
  return exitCodeOf(error);
};

const failureOf = (thrown: unknown, words: readonly string[]): BurgeonError =>
  thrown instanceof CommanderError ? misuse(thrown, words) : BurgeonError.from(thrown);

const misuse = (error: CommanderError, words: readonly string[]): BurgeonError => {
  const group = groupOf(words);
  if (group && /^commander\.(help|unknownCommand)$/.test(error.code)) {
    const hint = `It goes on with one of: ${group.below.join(', ')}. See: burgeon ${group.name} --help`;
    return usage(`"burgeon ${[group.name, group.next].join(' ').trim()}" is not a command.`, hint);
  }
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const what = `${first.charAt(0).toUpperCase()}${first.slice(1).replace(/\.$/, '')}.`;
  const command = commands.find(({ usage: text }) => commandLineOf(text).names.every((name, index) => words[index] === name));
  const name = command ? `${commandLineOf(command.usage).names.join(' ')} ` : '';
  const near = rest.join(' ').match(/Did you mean (?:one of )?(.*?)\?/)?.[1] ?? suggestion(error, first);
  const help = `See: burgeon ${name}--help`;
  return usage(what, near === undefined ? help : `Did you mean ${near}? ${help}`);
};

/** The name that stands before others, as in `burgeon secret set`, and what was written behind it. */
const groupOf = (words: readonly string[]): { name: string; next: string; below: string[] } | undefined => {
  const lines = commands.map(({ usage: text }) => commandLineOf(text).names);
  const at = words.findIndex((word) => lines.some(([first, second]) => first === word && second !== undefined));
  const name = words[at];
  if (name === undefined) return undefined;
  const below = lines.flatMap(([first, second]) => (first === name && second !== undefined ? [second] : []));
  const next = words[at + 1] ?? '';
  return { name, next: next.startsWith('-') ? '' : next, below };
};

const suggestion = (error: CommanderError, message: string): string | undefined => {
  if (error.code !== 'commander.unknownCommand') return undefined;
  const word = message.match(/'([^']*)'/)?.[1] ?? '';
  return nearest(
    word,
    commands.map(({ usage: text }) => commandLineOf(text).names.join(' ')),
  );
};

/** The manners before the line is understood, so that even a misuse is told in the form that was asked for. */
const roughManners = (words: readonly string[]): Manners => ({
  json: words.includes('--json'),
  quiet: words.includes('--quiet'),
  input: false,
  yes: false,
  verbose: words.includes('--verbose'),
  colour: wantsColour(),
});

const mannersOf = (options: Record<string, unknown>): Manners => ({
  json: options['json'] === true,
  quiet: options['quiet'] === true,
  input: options['input'] !== false,
  yes: options['yes'] === true,
  verbose: options['verbose'] === true,
  colour: wantsColour(),
});

const wantsColour = (): boolean => (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
