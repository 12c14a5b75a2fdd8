import { BurgeonError, type Cache, type CacheAdapter, type Clock, type Logger } from '@burgeon/kit';

/** How long anybody waits for the server, milliseconds: longer than that and the text is made anew sooner. */
const [connectMs, answerMs] = [1_000, 500];

/** How long a server that was not there is left alone, milliseconds. */
const restMs = 30_000;

/** How long a text is kept, seconds. */
const keptSeconds = 30 * 24 * 3_600;

/** Bytes of one text; what is larger is neither written nor read. */
const largest = 1024 * 1024;

const prefix = 'burgeon:cache:';

type Library = typeof import('redis');

const library = async (): Promise<Library> => {
  try {
    return await import('redis');
  } catch (cause) {
    throw new BurgeonError('DEPENDENCY_MISSING', {
      message: 'The library for Redis is not installed.',
      hint: 'npm install redis',
      cause,
    });
  }
};

const readAddress = (location: string): URL => {
  const url = URL.canParse(location) ? new URL(location) : undefined;
  if (url && (url.protocol === 'redis:' || url.protocol === 'rediss:') && url.hostname !== '') return url;
  throw new BurgeonError('USAGE', {
    message: 'The address of the cache is none of a Redis server.',
    hint: 'Write it as redis://HOST:PORT, or rediss://USER:PASSWORD@HOST:PORT for one behind TLS.',
  });
};

const within = async <T>(work: Promise<T>, ms: number): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new BurgeonError('TIMEOUT', { message: `no answer in ${ms} ms` })), ms);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
};

const openRedis = ({ createClient }: Library, url: URL, { clock, log }: { clock: Clock; log: Logger }): Cache => {
  const connect = async () => {
    const client = createClient({
      url: url.href,
      disableOfflineQueue: true,
      socket: { connectTimeout: connectMs, reconnectStrategy: false },
    });
    // What goes wrong is told by whoever waits for it.
    client.on('error', () => {});
    await within(client.connect(), connectMs);
    client.unref();
    return client;
  };
  let connection: ReturnType<typeof connect> | undefined;
  let restsUntil = 0;
  const drop = (): void => void connection?.then((client) => client.destroy()).catch(() => {});
  const attempt = async <T>(work: (client: Awaited<ReturnType<typeof connect>>) => Promise<T>): Promise<T | undefined> => {
    if (clock.now() < restsUntil) return undefined;
    const mine = (connection ??= connect());
    try {
      return await within(work(await mine), answerMs);
    } catch (error) {
      // Many may wait for the same connection; the first one tells.
      if (connection !== mine) return undefined;
      drop();
      connection = undefined;
      restsUntil = clock.now() + restMs;
      log.warn(
        `Nothing is shared over ${url.protocol}//${url.host} for ${restMs / 1_000} s: ${BurgeonError.from(error).message}`,
      );
      return undefined;
    }
  };
  return {
    get: async (key) => {
      // A part of a text, because whoever can write there can write a gigabyte; and whether there is one at all.
      const found = await attempt((client) =>
        client
          .multi()
          .exists(prefix + key)
          .getRange(prefix + key, 0, largest)
          .exec(),
      );
      const [exists, text] = (found ?? []) as unknown as [number?, string?];
      return exists === 1 && text !== undefined && Buffer.byteLength(text) <= largest ? text : undefined;
    },
    set: async (key, text) => {
      if (Buffer.byteLength(text) > largest) return;
      await attempt((client) => client.set(prefix + key, text, { expiration: { type: 'EX', value: keptSeconds } }));
    },
    close: async () => {
      drop();
      connection = undefined;
    },
  };
};

/** Texts that several machines share, at an address as redis://HOST:PORT. A server that is away is left alone for a while. */
export const redis: CacheAdapter = {
  name: 'redis',
  open: async (location, context) => openRedis(await library(), readAddress(location), context),
};
