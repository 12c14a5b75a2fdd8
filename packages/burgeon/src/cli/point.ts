import { resolve } from 'node:path';
import { BurgeonError, type JsonObject } from '@burgeon/kit';
import { textOption, type Invocation } from './command.ts';

/** Bytes of a document that comes over standard input. */
const inputBytes = 64 * 1024 * 1024;

/**
 * What `describe`, `add` and `mirror` send: paths made absolute, because who reads them may stand in another folder; `-` becomes the text
 * of standard input.
 */
export const pointingInput = async (invocation: Invocation): Promise<JsonObject> => {
  const what = invocation.words[0] ?? '';
  const refs = invocation.options['allowRef'];
  const named = Object.fromEntries(
    (['as', 'name', 'location', 'integrity'] as const).flatMap((key) => {
      const value = textOption(invocation, key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
  return {
    what: what === '-' ? '-' : absolute(what),
    ...(what === '-' ? { text: await readStandardInput(invocation) } : {}),
    ...named,
    ...(invocation.options['allowFresh'] === true ? { allowFresh: true } : {}),
    ...(invocation.options['allowUnknown'] === true ? { allowUnknown: true } : {}),
    ...(Array.isArray(refs) ? { allowRefs: refs.map((ref) => absolute(String(ref))) } : {}),
  };
};

/** The absolute form of what looks like a path; addresses, connection strings and sentences stay as they are. */
export const absolute = (what: string): string => {
  const connection = what.match(/^sqlite:(?!\/\/)(.+)$/i);
  if (connection?.[1] !== undefined) return `sqlite:${resolve(connection[1])}`;
  if (/^[a-z][a-z0-9+.-]+:/i.test(what) || /\s/.test(what.trim())) return what;
  return resolve(what);
};

/** All of standard input as text. @throws {BurgeonError} USAGE when it is a terminal, SPEC_TOO_COMPLEX */
export const readStandardInput = async ({ terminal, signal }: Pick<Invocation, 'terminal' | 'signal'>): Promise<string> => {
  const { stdin } = terminal.streams;
  if (stdin.isTTY === true) {
    throw new BurgeonError('USAGE', {
      message: 'Nothing comes over standard input.',
      hint: 'Pipe something in: cat FILE | burgeon ... -',
    });
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const stop = (): void => void stdin.destroy();
  signal.addEventListener('abort', stop, { once: true });
  for await (const chunk of stdin) {
    const piece = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);
    bytes += piece.length;
    if (bytes > inputBytes)
      throw new BurgeonError('SPEC_TOO_COMPLEX', {
        message: `Standard input is larger than ${inputBytes} bytes.`,
        hint: 'Point at a file instead.',
      });
    chunks.push(piece);
  }
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  return new TextDecoder().decode(Buffer.concat(chunks));
};
