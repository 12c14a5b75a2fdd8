import type { Clock, Exposure } from '@burgeon/kit';
import type { PolicyMode } from './approval/policy.ts';
import { systemClock } from './base/clock.ts';
import { type Home, openHome } from './base/home.ts';
import { silentLogger } from './base/log.ts';
import { version } from './base/version.ts';
import { openEngine } from './composition/engine.ts';
import { openFoundation } from './composition/foundation.ts';
import { type InitOptions, type Initialised, initialise } from './composition/initialise.ts';
import { manage } from './composition/operations.ts';
import type { BurgeonOptions } from './composition/options.ts';
import type { Management } from './management/management.ts';
import type { Answers } from './pipeline/answers.ts';
import type { StandUpRequest } from './pipeline/mirror.ts';
import { createGitMirror } from './registry/git-mirror.ts';
import { type Catalogue, createCatalogue } from './runtime/catalogue.ts';
import type { ApiKeys } from './security/api-keys.ts';

export type { InitOptions, Initialised } from './composition/initialise.ts';
export type { BurgeonOptions } from './composition/options.ts';

/** Burgeon, opened over one data directory. Its owner closes it. */
export interface Burgeon {
  readonly home: Home;
  /** Burgeon's own operations. */
  readonly management: Management;
  /** All active modules, and those of Burgeon's own operations that a model may call. */
  readonly catalogue: Catalogue;
  readonly policy: PolicyMode;
  /** The API keys that open the doors of a server. */
  readonly access: ApiKeys;
  /** Answers to approval requests that come by a channel's own way. */
  readonly approvals: Answers;
  /** Signs a new policy; with `totp`, makes a new authenticator secret. */
  init(options: InitOptions): Promise<Initialised>;
  /**
   * Closes requests that nobody answered and puts away modules that nobody calls, when an hour has passed since the last time. A server does it every
   * minute. Never throws.
   */
  sweepWhenDue(): Promise<void>;
  /** Says where people reach the server of this home; undefined when it stops. */
  servedAt(url: string | undefined): void;
  /** Stands a module, or whatever can be pointed at, up as a server that behaves like it. */
  standUp(request: StandUpRequest): Promise<Exposure & { protocol: string; operations: number }>;
  close(): Promise<void>;
}

/**
 * The composition root: opens the data directory and puts everything together.
 * @throws {BurgeonError} HOME_BUSY, HOME_UNWRITABLE, HOME_DAMAGED, SIGNATURE_INVALID
 */
export const createBurgeon = async (options: BurgeonOptions): Promise<Burgeon> => {
  const clock = options.clock ?? systemClock;
  const home = await openHome(options.home, { clock, waitMs: options.waitMs ?? 10_000 });
  try {
    return await assemble(home, clock, options);
  } catch (error) {
    await home.close();
    throw error;
  }
};

const assemble = async (home: Home, clock: Clock, options: BurgeonOptions): Promise<Burgeon> => {
  const foundation = await openFoundation(home, clock, options);
  const engine = await openEngine(foundation, options);
  const { registry, store } = foundation;
  const management = manage(foundation, engine);
  const extra = { prefix: 'burgeon', provider: management.through('model') };
  const catalogue = createCatalogue({ registry, runtime: engine.runtime, version, extra });
  engine.onChange(() => catalogue.refresh());
  const { log = silentLogger } = options;
  const sources = createGitMirror({ registry, folder: () => foundation.policy.current().git, log });
  engine.onChange(async () => sources.follow());
  const doors = { home, management, catalogue };
  return {
    ...doors,
    policy: foundation.policy.current().mode,
    access: foundation.access,
    approvals: engine.answers,
    init: (wanted) => initialise(foundation, wanted),
    sweepWhenDue: engine.sweepWhenDue,
    servedAt: (url) => {
      foundation.served.url = url;
    },
    standUp: async (request) => (await import('./pipeline/mirror.ts')).standUp(engine.context, request),
    close: async () => {
      let whole = false;
      try {
        await engine.close();
        await sources.close();
        await foundation.access.flush();
        await foundation.checkpoints.exportDue();
        await registry.close();
        whole = !engine.isBehind();
      } finally {
        // Whatever could not be written, the next process must come in.
        try {
          await store.close();
        } finally {
          await home.close(whole);
        }
      }
    },
  };
};
