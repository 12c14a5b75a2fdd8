/** The built product as a stranger meets it: `burgeon serve` in a process of its own, and bytes on a socket. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const bin = fileURLToPath(new URL('../../packages/burgeon/bin/burgeon.mjs', import.meta.url));

/** Runs a command over a home and reads the JSON it prints. */
export const command = async <T>(home: string, words: string[], env: NodeJS.ProcessEnv = {}): Promise<T> => {
  const { stdout } = await promisify(execFile)(process.execPath, [bin, ...words, '--json', '--home', home], {
    env: { ...process.env, ...env },
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout) as T;
};

/** A server in a process of its own. */
export interface ServedHome {
  url: string;
  port: number;
  token: string;
  child: ChildProcess;
  /** The exit code, once it has ended. */
  ended: Promise<number | null>;
  /** Sends SIGTERM and waits. */
  stop(): Promise<number | null>;
}

/** Starts one. @throws what it said, when it does not stand */
export const serveHome = async (home: string, words: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<ServedHome> => {
  const line = [bin, 'serve', '--port', '0', '--json', '--home', home, ...words];
  const child = spawn(process.execPath, line, { stdio: 'pipe', env: { ...process.env, ...env } });
  let [out, err] = ['', ''];
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const first = await new Promise<{ url: string; token: string }>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString();
      const line = out.slice(0, out.indexOf('\n') + 1);
      if (line.includes('"url"')) resolve(JSON.parse(line) as { url: string; token: string });
    });
    void ended.then((code) => reject(new Error(`serve ended with ${code}: ${out}${err}`)));
  });
  const stop = (): Promise<number | null> => {
    child.kill('SIGTERM');
    return ended;
  };
  return { ...first, port: Number(new URL(first.url).port), child, ended, stop };
};

/** An answer as it came over the wire; `status` 0 when the connection was closed without one. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Writes bytes as they are and reads what comes until the other side has answered and closed. */
export const raw = (port: number, text: string | Buffer, host = '127.0.0.1'): Promise<RawAnswer> =>
  new Promise((resolve) => {
    const socket = connect({ port, host });
    const chunks: Buffer[] = [];
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (isWhole(Buffer.concat(chunks).toString('latin1'))) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answerOf(Buffer.concat(chunks).toString('latin1'))));
    socket.write(text);
  });

/** True once everything that was announced has come, for connections that stay open. */
const isWhole = (text: string): boolean => {
  const { headers, body } = answerOf(text);
  const length = headers['content-length'];
  return text.includes('\r\n\r\n') && (length === undefined ? body.endsWith('0\r\n\r\n') : body.length >= Number(length));
};

const answerOf = (text: string): RawAnswer => {
  const cut = text.indexOf('\r\n\r\n');
  const [line = '', ...fields] = (cut < 0 ? text : text.slice(0, cut)).split('\r\n');
  const headers = fields.map((field): [string, string] => {
    const at = field.indexOf(':');
    return [field.slice(0, at).toLowerCase(), field.slice(at + 1).trim()];
  });
  return { status: Number(line.split(' ')[1] ?? 0), headers: Object.fromEntries(headers), body: text.slice(cut + 4) };
};

/** One request written out by hand. Headers with the value undefined are left away. */
export const request = (line: string, headers: Record<string, string | undefined>, body: string | Buffer = ''): Buffer => {
  const length = Buffer.byteLength(body);
  const all = { connection: 'close', ...(length > 0 ? { 'content-length': String(length) } : {}), ...headers };
  const fields = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return Buffer.concat([Buffer.from([`${line} HTTP/1.1`, ...fields, '', ''].join('\r\n')), Buffer.from(body)]);
};

/** A connection that is opened and only then used. */
export const openSocket = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(socket));
    socket.once('error', reject);
  });
