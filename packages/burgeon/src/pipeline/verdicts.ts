import { createHmac, timingSafeEqual } from 'node:crypto';
import { type AdapterList, BurgeonError, type Cache, type CacheAdapter, type Clock, type Logger } from '@burgeon/kit';
import { build } from '../base/build.ts';
import { canonicalJson, digestOf } from '../base/json.ts';
import { bundleDigest } from '../security/bundle.ts';
import type { CheckVerdict } from './check.ts';
import type { PostedCandidate } from './workbench.ts';

/** A candidate, and what each check depends on beside it. */
export interface Judged {
  candidate: PostedCandidate;
  /** By name of the check, as `stampsOf` gives them. */
  stamps: Record<string, string>;
}

/** Verdicts remembered from earlier times. Nobody who can write where they are kept can make one up. */
export interface Verdicts {
  /** Those that are known of a candidate; nothing they depend on has changed since. */
  known(judged: Judged): Promise<CheckVerdict[]>;
  /** Remembers verdicts; one that a check did not come to by itself is not among them. */
  keep(judged: Judged, verdicts: readonly CheckVerdict[]): Promise<void>;
  close(): Promise<void>;
}

/** What {@link createVerdicts} needs. */
export interface VerdictParts {
  caches: AdapterList<CacheAdapter>;
  /** Names of caches and where they are, the nearest first. */
  layers: readonly (readonly [name: string, location: string])[];
  /** Key under which verdicts are authenticated; 32 bytes of which no other home and no other purpose has the same. */
  secret: Uint8Array;
  clock: Clock;
  log: Logger;
}

/** Findings that say that a check was kept from judging. */
const unjudged: ReadonlySet<string> = new Set(['check-broken', 'check-killed', 'redos-unjudged']);

/** Opens its layers when it is first asked. Its owner closes it. */
export const createVerdicts = ({ caches, layers, secret, clock, log }: VerdictParts): Verdicts => {
  let opening: Promise<Cache[]> | undefined;
  const opened = (): Promise<Cache[]> =>
    (opening ??= Promise.all(layers.map(async ([name, location]) => (await load(caches, name)).open(location, { clock, log }))));
  const seal = createSeal(secret);
  return {
    known: async (judged) => {
      const among = await opened();
      const subject = subjectOf(judged.candidate);
      const found = Object.entries(judged.stamps).map(async ([name, stamp]) => {
        const begun = performance.now();
        const address = seal.address([name, stamp, ...subject]);
        const verdict = await firstOf(among, address, (text) => seal.read(address, text));
        return verdict ? [{ ...verdict, elapsedMs: performance.now() - begun, cached: true as const }] : [];
      });
      return (await Promise.all(found)).flat();
    },
    keep: async ({ candidate, stamps }, verdicts) => {
      const among = await opened();
      const subject = subjectOf(candidate);
      const worthKeeping = verdicts.filter(
        ({ cached, name, diagnostics }) =>
          !cached && Object.hasOwn(stamps, name) && !diagnostics.some(({ code }) => unjudged.has(code)),
      );
      await Promise.all(
        worthKeeping.map(async (verdict) => {
          const address = seal.address([verdict.name, stamps[verdict.name] ?? '', ...subject]);
          await Promise.all(among.map((cache) => cache.set(address, seal.write(address, verdict))));
        }),
      );
    },
    close: async () => {
      for (const cache of await Promise.resolve(opening ?? []).catch(() => [])) await cache.close();
    },
  };
};

const load = async (caches: AdapterList<CacheAdapter>, name: string): Promise<CacheAdapter> => {
  const adapter = Object.hasOwn(caches, name) ? await caches[name]?.() : undefined;
  if (adapter) return adapter;
  throw new BurgeonError('ADAPTER_UNKNOWN', {
    message: `There is no cache "${name}".`,
    hint: `Caches: ${Object.keys(caches).join(', ')}`,
  });
};

/** All that a check sees of a candidate. Its files are digested anew: what it says of itself proves nothing. */
const subjectOf = ({ files, manifest, digest, capabilitiesDigest }: PostedCandidate): string[] => [
  bundleDigest(files),
  digestOf(manifest),
  digest,
  capabilitiesDigest,
];

/** The first verdict that any layer has; the nearer ones are told of it. */
const firstOf = async <T>(
  caches: readonly Cache[],
  address: string,
  read: (text: string) => T | undefined,
): Promise<T | undefined> => {
  for (const [index, cache] of caches.entries()) {
    const text = await cache.get(address);
    const found = text === undefined ? undefined : read(text);
    if (text === undefined || found === undefined) continue;
    await Promise.all(caches.slice(0, index).map((nearer) => nearer.set(address, text)));
    return found;
  }
  return undefined;
};

type Remembered = Pick<CheckVerdict, 'name' | 'ok' | 'diagnostics'>;

/**
 * Where a verdict lies, and how it is written down: with a code over address and text that only the owner of the secret can make.
 * @see RFC 2104
 */
const createSeal = (secret: Uint8Array) => {
  const code = (purpose: string, text: string): Buffer => createHmac('sha256', secret).update(`${purpose}\n${text}`).digest();
  const codeOf = (address: string, body: string): Buffer => code('verdict', `${address}\n${body}`);
  return {
    address: (parts: readonly string[]): string => code('address', canonicalJson([build(), ...parts])).toString('hex'),
    write: (address: string, { name, ok, diagnostics }: CheckVerdict): string => {
      const body = JSON.stringify({ name, ok, diagnostics } satisfies Remembered);
      return `${codeOf(address, body).toString('hex')}\n${body}`;
    },
    read: (address: string, text: string): Remembered | undefined => {
      const [given, body] = [Buffer.from(text.slice(0, 64), 'hex'), text.slice(65)];
      const expected = codeOf(address, body);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      return JSON.parse(body) as Remembered;
    },
  };
};
