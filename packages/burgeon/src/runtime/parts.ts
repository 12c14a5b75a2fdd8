import type { AdapterList, Clock, Host, Logger, Protocol } from '@burgeon/kit';
import type { Registry } from '../registry/registry.ts';
import type { Audit } from '../security/audit.ts';
import type { Vault } from '../security/vault.ts';
import type { Metrics } from './metrics.ts';

/** What the runtime is made of. */
export interface RuntimeParts {
  registry: Registry;
  hosts: AdapterList<Host>;
  protocols: AdapterList<Protocol>;
  vault: Vault;
  audit: Audit;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  /** Makes trace ids. */
  nextTrace(): string;
}
