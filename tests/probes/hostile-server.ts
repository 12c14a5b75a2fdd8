/** A server that writes bytes as they are: what comes is read up to the end of the request, then a script says what goes out. */
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Writes an answer; `count` is how many requests for this came before. It may keep the connection, which the caller then closes. */
export type Script = (socket: Socket, count: number) => unknown;

/** A running one. */
export interface HostileServer {
  origin: string;
  host: string;
  /** How often each path was asked for. */
  asked: Map<string, number>;
  close(): void;
}

/** Starts one; the path of the request chooses the script. */
export const serveHostile = async (scripts: Readonly<Record<string, Script>>): Promise<HostileServer> => {
  const sockets = new Set<Socket>();
  const asked = new Map<string, number>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let read = '';
    socket.on('data', (chunk) => {
      read += chunk.toString('latin1');
      if (!read.includes('\r\n\r\n')) return;
      const path = (read.split(' ')[1] ?? '/').split('?')[0] ?? '/';
      read = '';
      const count = asked.get(path) ?? 0;
      asked.set(path, count + 1);
      const key = Object.keys(scripts).find(
        (each) => path === each || (each.endsWith('*') && path.startsWith(each.slice(0, -1))),
      );
      if (key === undefined) socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
      else void Promise.resolve(scripts[key]?.(socket, count)).catch(() => {});
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { origin: `http://${host}`, host, asked, close };
};

/** Writes a piece again and again until the other side has had enough, or so many bytes are out. Gives the bytes. */
export const pour = async (socket: Socket, piece: string | Buffer, most: number = Infinity): Promise<number> => {
  const bytes = Buffer.byteLength(piece);
  let out = 0;
  while (!socket.destroyed && out < most) {
    out += bytes;
    if (!socket.write(piece)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), sleep(1_000)]);
  }
  return out;
};

/** Writes a piece now and then until the other side has had enough. */
export const drip = async (socket: Socket, piece: string, everyMs: number): Promise<void> => {
  while (!socket.destroyed) {
    socket.write(piece);
    await sleep(everyMs);
  }
};

/** The text of an answer with a body. */
export const answerText = (
  body: string | Buffer,
  headers: readonly string[] = ['content-type: application/json'],
  status = '200 OK',
): Buffer => {
  const length = Buffer.byteLength(body);
  const head = [`HTTP/1.1 ${status}`, `content-length: ${length}`, ...headers, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]);
};
