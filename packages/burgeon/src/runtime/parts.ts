import type { AdapterList, Clock, Host, Logger, Protocol, Store } from '@burgeon/kit';
import type { Registry } from '../registry/registry.ts';
import type { Audit } from '../security/audit.ts';
import type { Vault } from '../security/vault.ts';
import type { Bus } from './bus/bus.ts';
import type { Metrics } from './metrics.ts';

/** What the runtime is made of. */
export interface RuntimeParts {
  registry: Registry;
  /** Where the states of modules are kept. */
  store: Store;
  hosts: AdapterList<Host>;
  protocols: AdapterList<Protocol>;
  vault: Vault;
  audit: Audit;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  /** The data directory, in which no module opens a file. Absent = there is none. */
  home?: string;
  /** How modules send messages to one another; absent where they cannot. */
  bus?: Pick<Bus, 'open'>;
  /** Makes trace ids. */
  nextTrace(): string;
}
