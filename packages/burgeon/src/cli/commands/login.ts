import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BurgeonError, type JsonObject } from '@burgeon/kit';
import { systemClock } from '../../base/clock.ts';
import type { LoginStep } from '../../runtime/logins.ts';
import type { Client } from '../client.ts';
import { flag, type Action, type Invocation } from '../command.ts';
import { findModule } from '../module.ts';
import { numberOption, portBounds } from '../numbers.ts';
import { bold, cyan, green } from '../text.ts';

/** How long a person may take, milliseconds. */
const patienceMs = 600_000;

/** `secret login MODULE SCHEME`: a person logs in with the browser, or on another device; the token is kept sealed. */
export const login: Action = async (invocation) => {
  const [module = '', scheme = ''] = invocation.words;
  const client = await invocation.open();
  const { id, at } = await findModule(client, module);
  const wish = { ...at, scheme };
  if (flag(invocation, 'device')) await onDevice(invocation, client, wish);
  else await inBrowser(invocation, client, wish);
  invocation.terminal.result(
    { module: id, scheme, loggedIn: true },
    () => `${green('Logged in')} for ${bold(`${id} ${scheme}`)}`,
  );
};

/** The browser comes back to a listener of this machine that lives as long as the login. @see RFC 8252 section 7.3 */
const inBrowser = async (invocation: Invocation, client: Client, wish: JsonObject): Promise<void> => {
  const listener = await listen(numberOption(invocation, 'port', portBounds) ?? 0);
  try {
    const step = await begin(client, { ...wish, redirectUri: listener.redirectUri });
    invocation.terminal.say(`Open this address and log in:\n\n  ${cyan(step.url)}\n`);
    const callback = await patiently(invocation, listener.callback);
    await client.call('finishLogin', { id: step.id, callback });
    listener.answer(true);
  } catch (error) {
    listener.answer(false);
    throw error;
  } finally {
    await listener.close();
  }
};

/** @see RFC 8628 section 3.3 */
const onDevice = async (invocation: Invocation, client: Client, wish: JsonObject): Promise<void> => {
  const { id, url, userCode = '', intervalMs = 5_000 } = await begin(client, wish);
  invocation.terminal.say(`Open this address on any device and type the code:\n\n  ${cyan(url)}\n  ${bold(userCode)}\n`);
  for (;;) {
    await systemClock.sleep(intervalMs, invocation.signal);
    if (((await client.call('finishLogin', { id })) as { done: boolean }).done) return;
  }
};

const begin = async (client: Client, wish: JsonObject): Promise<LoginStep> =>
  (await client.call('beginLogin', wish)) as unknown as LoginStep;

const patiently = (invocation: Invocation, callback: Promise<string>): Promise<string> => {
  const late = systemClock.sleep(patienceMs, invocation.signal).then(() => {
    throw new BurgeonError('TIMEOUT', { message: 'Nobody has logged in.', hint: 'Begin again when you are at the browser.' });
  });
  late.catch(() => {});
  return Promise.race([callback, late]);
};

interface Listener {
  redirectUri: string;
  /** The query with which the browser came back. */
  callback: Promise<string>;
  /** Tells the browser how it went. */
  answer(well: boolean): void;
  close(): Promise<void>;
}

const listen = async (port: number): Promise<Listener> => {
  const callback = Promise.withResolvers<string>();
  const outcome = Promise.withResolvers<boolean>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    // One answer counts. Other paths are asked by browsers of their own accord, other hosts by pages that mean no good.
    if (url.pathname !== '/callback' || request.method !== 'GET' || request.headers.host !== host(server))
      return void response.writeHead(404).end();
    callback.resolve(url.search.slice(1));
    void outcome.promise.then((well) => {
      const words = well ? 'You are logged in. You may close this window.' : 'That did not work. The terminal says why.';
      response
        .writeHead(well ? 200 : 400, {
          'content-type': 'text/plain; charset=utf-8',
          'cache-control': 'no-store',
          connection: 'close',
        })
        .end(words);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new BurgeonError('PORT_IN_USE', { message: `Port ${port} is taken.`, cause: error })));
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    redirectUri: `http://${host(server)}/callback`,
    callback: callback.promise,
    answer: (well) => outcome.resolve(well),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        setImmediate(() => server.closeIdleConnections());
      }),
  };
};

const host = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;
