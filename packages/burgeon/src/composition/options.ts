import type { Clock, Logger, SourceBudget } from '@burgeon/kit';

/** How to open Burgeon. */
export interface BurgeonOptions {
  /** Data directory; made on first use with the policy `two-channels`. */
  home: string;
  /** How long to wait while another process owns the directory, milliseconds. Default: 10,000. */
  waitMs?: number;
  clock?: Clock;
  log?: Logger;
  /** Language of disclosures. Default: `en`. */
  locale?: 'en' | 'pl';
  /** Where the terminal approval channel speaks. Default: nowhere. */
  write?(text: string): void;
  /** Passphrase of the vault, or who to ask for it once a secret is needed; absent = a key file in the data directory. */
  passphrase?: string | (() => Promise<string | undefined>) | undefined;
  budget?: Partial<SourceBudget>;
  /** False: read, check and try on the calling thread instead of in worker threads. Default: true. */
  threads?: boolean;
  /** Address of a Redis server that shares the verdicts of checks among machines with this home's key: `redis://HOST:PORT`. Default: none. */
  verdicts?: string;
  /** File or folder of vulnerability data for the check of dependencies. Default: `advisories` in the data directory. */
  advisories?: string;
}
