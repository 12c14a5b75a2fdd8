import { Worker } from 'node:worker_threads';

/** Waits in a thread of its own until the life line breaks, whatever the work is at; then ends this process and all that it started. */
const lifeline = `
require('node:fs').readSync(3, Buffer.alloc(1));
process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL');`;

const newLine = 10;

/**
 * The other side of a warm process: gives each request to `work`, and sends back what it gives. What `work` throws is sent in words, and the asker
 * ends this process.
 */
export const answerRequests = (work: (request: unknown) => unknown): void => {
  new Worker(lifeline, { eval: true, env: {}, execArgv: [] }).unref();
  // A process that leaves waits for its threads, and that one waits for ever.
  process.once('exit', () => process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL'));
  let pieces: Buffer[] = [];
  // Not by readline, for which U+2028 inside a text ends a line too. The next request comes only after the answer.
  process.stdin.on('data', (piece: Buffer) => {
    pieces.push(piece);
    if (piece.at(-1) !== newLine) return;
    const line = Buffer.concat(pieces).toString();
    pieces = [];
    void answer(work, line).then((text) => process.stdout.write(`${text}\n`));
  });
};

const answer = async (work: (request: unknown) => unknown, line: string): Promise<string> => {
  const { id, request } = JSON.parse(line) as { id: number; request: unknown };
  try {
    return JSON.stringify({ id, value: await work(request) });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new TypeError(String(error));
    return JSON.stringify({ id, threw: `${name}: ${message.slice(0, 500)}` });
  }
};
