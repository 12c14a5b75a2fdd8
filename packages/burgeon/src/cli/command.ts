import type { Client } from './client.ts';
import type { ExitCode } from './fault.ts';
import type { Terminal } from './terminal.ts';

/** What a command is handed when it runs. */
export interface Invocation {
  /** Positional arguments in order; one that was not given is absent. */
  words: readonly string[];
  /** Its own options by camel-case name. */
  options: Readonly<Record<string, unknown>>;
  terminal: Terminal;
  /** Absolute path of the data directory. */
  home: string;
  /** Ends when the person presses Ctrl-C. */
  signal: AbortSignal;
  /** What stopped the command; undefined while nothing did. */
  stoppedBy(): 'SIGINT' | 'SIGTERM' | undefined;
  /** Every command there is. */
  commands: readonly Command[];
  /** Opens the home, or reaches the server that owns it. The same client each time; closed after the command. */
  open(): Promise<Client>;
}

/** What a command does. The number it gives, if any, is its exit code. */
export type Action = (invocation: Invocation) => Promise<ExitCode | void>;

/** One command as it is listed, before any of its code is loaded. */
export interface Command {
  /** Its words and arguments: `secret set <name>`. */
  usage: string;
  group: string;
  summary: string;
  options?: readonly (readonly [flags: string, description: string])[];
  examples?: readonly string[];
  /** True: takes `--field value` pairs that are not listed here. */
  fields?: boolean;
  load(): Promise<Action>;
}

/** The words of a command and what follows them: `secret set <name>` gives `['secret', 'set']` and `['<name>']`. */
export const commandLineOf = (usage: string): { names: string[]; parameters: string[] } => {
  const words = usage.split(' ');
  const first = words.findIndex((word) => /^[<[]/.test(word));
  return first < 0 ? { names: words, parameters: [] } : { names: words.slice(0, first), parameters: words.slice(first) };
};

/** Options that every command takes. */
export const globalOptions: readonly (readonly [flags: string, description: string])[] = [
  ['--home <dir>', 'data directory (default: BURGEON_HOME or ./.burgeon)'],
  ['--json', 'print one JSON document on standard output'],
  ['--quiet', 'no remarks and no progress'],
  ['--no-input', 'ask nobody anything'],
  ['--yes', 'answer yes to questions; never stands in for an approval'],
  ['--verbose', 'print where an error came from'],
];

/** A text option, or undefined. */
export const textOption = ({ options }: Invocation, name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
};

/** True when a flag was given. */
export const flag = ({ options }: Invocation, name: string): boolean => options[name] === true;
