import type { CallOptions, JsonObject, JsonValue } from '@burgeon/kit';
import type { Burgeon } from '../burgeon.ts';
import type { Remote } from '../management/remote.ts';
import { localeOf } from './locale.ts';
import type { Terminal } from './terminal.ts';

/** How long a command waits for another one that holds the home, milliseconds. */
const waitMs = 5_000;

/** The way from a command to Burgeon: in this process, or in the server that owns the home. */
export interface Client {
  /** Calls a management operation; its progress is shown. @throws {BurgeonError} whatever the operation throws */
  call(operation: string, input?: JsonObject): Promise<JsonValue>;
  /** Burgeon in this process; absent when a server owns the home. */
  readonly burgeon?: Burgeon;
  /** The server that owns the home; absent when this process does. */
  readonly remote?: Remote;
  /** Gives the home back. May be called twice. */
  close(): Promise<void>;
}

/**
 * Opens the home, or reaches the server that owns it.
 * @throws {BurgeonError} HOME_BUSY, HOME_UNWRITABLE, HOME_DAMAGED, REMOTE_UNREACHABLE
 */
export const openClient = async (home: string, terminal: Terminal, signal: AbortSignal): Promise<Client> => {
  const options: CallOptions = { signal, progress: (event) => terminal.progress(event) };
  const { readServerFile } = await import('../base/home.ts');
  const server = await readServerFile(home);
  if (server) {
    const { connectRemote } = await import('../management/remote.ts');
    const remote = connectRemote(server, { say: (text) => terminal.say(text) });
    return {
      remote,
      call: async (operation, input = {}) => (await remote.management.call(operation, input, options)).output,
      close: async () => {},
    };
  }
  const burgeon = await openBurgeon(home, terminal, signal);
  // A server looks after what time does every minute; without one, whoever comes by does.
  await burgeon.sweepWhenDue();
  let closed: Promise<void> | undefined;
  return {
    burgeon,
    call: async (operation, input = {}) => (await burgeon.management.call(operation, input, options)).output,
    close: () => (closed ??= burgeon.close()),
  };
};

/** The passphrase of the vault: from the environment, where no program that is started later finds it; or from whoever sits at the terminal. */
const passphraseOf = (terminal: Terminal, signal: AbortSignal): string | (() => Promise<string>) | undefined => {
  const given = process.env['BURGEON_PASSPHRASE'];
  delete process.env['BURGEON_PASSPHRASE'];
  if (given !== undefined && given !== '') return given;
  if (!terminal.interactive) return undefined;
  return async () => (await import('./prompt.ts')).askHidden({ terminal, signal }, 'Passphrase of the vault');
};

/** Opens the home in this process. */
const openBurgeon = async (home: string, terminal: Terminal, signal: AbortSignal): Promise<Burgeon> => {
  const [{ createBurgeon }, { lineLogger, silentLogger }, { callerVoice }] = await Promise.all([
    import('../burgeon.ts'),
    import('../base/log.ts'),
    import('../management/caller.ts'),
  ]);
  const { verbose } = terminal.manners;
  const { BURGEON_VERDICTS: verdicts = '', BURGEON_ADVISORIES: advisories = '' } = process.env;
  return createBurgeon({
    home,
    waitMs,
    passphrase: passphraseOf(terminal, signal),
    ...(verdicts === '' ? {} : { verdicts }),
    ...(advisories === '' ? {} : { advisories }),
    log: verbose ? lineLogger((line) => terminal.say(line), Date.now, true) : silentLogger,
    locale: localeOf(process.env),
    write: (text) => (callerVoice.getStore() ?? terminal.say)(text),
  });
};
