import { asText } from '../base/json.ts';
import type { JsonObject, JsonValue } from '@burgeon/kit';
import { dim, green, render, shorten, span } from './text.ts';

/** Where words go. Tests hand in their own. */
export interface Streams {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

/** The manners that the command line asked for. */
export interface Manners {
  json: boolean;
  quiet: boolean;
  /** False with `--no-input`: nobody is asked anything. */
  input: boolean;
  yes: boolean;
  verbose: boolean;
  /** False when `NO_COLOR` is set. */
  colour: boolean;
}

/** The two-sided voice of a command: data on stdout, everything else on stderr. */
export interface Terminal {
  readonly manners: Manners;
  readonly streams: Streams;
  /** True when a person can be asked: stdin and stderr are terminals and `--no-input` was not given. */
  readonly interactive: boolean;
  /** Columns of stdout; undefined when it is no terminal. */
  readonly columns: number | undefined;
  /** The result: the JSON document under `--json`, else the text. Called once per command. */
  result(value: JsonValue, text: () => string): void;
  /** One line of a result that comes in lines. */
  line(value: JsonValue, text: () => string): void;
  /** A remark; silent with `--quiet`. */
  note(text: string): void;
  /** Words that must be read even with `--quiet`: an error, a code. */
  say(text: string): void;
  /** One event of long work. */
  progress(event: JsonObject): void;
  /** Takes the updating line away. */
  settle(): void;
}

/** Makes the voice of one command. */
export const createTerminal = (streams: Streams, manners: Manners): Terminal => {
  const { stdin, stdout, stderr } = streams;
  const colour = (stream: NodeJS.WriteStream): boolean => manners.colour && stream.isTTY === true;
  const update = progressLine(streams, manners);
  const print = (text: string): void => {
    update.clear();
    stdout.write(`${render(text, colour(stdout))}\n`);
  };
  const say = (text: string): void => {
    update.clear();
    stderr.write(`${render(text, colour(stderr))}\n`);
  };
  return {
    manners,
    streams,
    interactive: manners.input && stdin.isTTY === true && stderr.isTTY === true,
    columns: stdout.isTTY === true && stdout.columns > 0 ? stdout.columns : undefined,
    result: (value, text) => {
      if (manners.json) stdout.write(`${JSON.stringify(value, null, stdout.isTTY ? 2 : 0)}\n`);
      else print(text());
    },
    line: (value, text) => {
      if (manners.json) stdout.write(`${JSON.stringify(value)}\n`);
      else print(text());
    },
    note: (text) => manners.quiet || say(text),
    say,
    progress: update.show,
    settle: update.clear,
  };
};

/** On a terminal one line that is written over; elsewhere a line for each stage when it ends. */
const progressLine = ({ stderr }: Streams, manners: Manners): { show(event: JsonObject): void; clear(): void } => {
  let open = false;
  const clear = (): void => {
    if (open) stderr.write('\r\u001B[2K');
    open = false;
  };
  const show = (event: JsonObject): void => {
    if (manners.quiet) return;
    const [stage, message] = [asText(event['stage']), asText(event['message'])];
    const elapsed = span(Number(event['elapsedMs'] ?? 0));
    const tty = stderr.isTTY === true;
    if (event['state'] === 'end') {
      clear();
      const done = `${green(tty ? '\u2713' : 'ok')} ${stage.padEnd(8)}  ${shorten(message, Math.max(20, (stderr.columns || 120) - 26))}`;
      stderr.write(`${render(`${done}  ${dim(elapsed)}`, tty && manners.colour)}\n`);
    } else if (tty) {
      const text = `\u2026 ${stage.padEnd(8)}  ${shorten(message, Math.max(20, (stderr.columns || 80) - 26))}  ${dim(elapsed)}`;
      stderr.write(`\r\u001B[2K${render(text, manners.colour)}`);
      open = true;
    }
  };
  return { show, clear };
};

/** Resolves when everything written has left the process; a reader that went away counts as having read it. */
export const drained = async ({ stdout, stderr }: Streams): Promise<void> => {
  for (const stream of [stdout, stderr]) {
    if (stream.destroyed || stream.writableEnded) continue;
    await new Promise<void>((resolve) => {
      stream.once('error', () => resolve());
      stream.write('', () => resolve());
    });
  }
};
