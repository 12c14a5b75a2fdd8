import type {
  AdapterList,
  Check,
  Clock,
  Egress,
  JsonObject,
  Logger,
  Protocol,
  Source,
  SourceBudget,
  Target,
  Host,
} from '@burgeon/kit';
import type { Ids } from '../base/ids.ts';
import type { Gateway } from '../approval/gateway.ts';
import type { Registry } from '../registry/registry.ts';
import type { Audit } from '../security/audit.ts';
import type { KeyRing } from '../security/key-ring.ts';
import type { Vault } from '../security/vault.ts';
import type { Workbench } from './workbench.ts';

/** What the stages are handed by the composition root. */
export interface PipelineContext {
  sources: AdapterList<Source>;
  targets: AdapterList<Target>;
  protocols: AdapterList<Protocol>;
  hosts: AdapterList<Host>;
  checks: AdapterList<Check>;
  workbench: Workbench;
  registry: Registry;
  /** The keys this home knows, by which publishers of packages are judged. */
  ring: KeyRing;
  gateway: Gateway;
  vault: Vault;
  audit: Audit;
  clock: Clock;
  ids: Ids;
  log: Logger;
  budget: SourceBudget;
  /** The data directory, from which nothing is read as a source. Absent = there is none. */
  home?: string;
  /** Egress gate that reaches exactly the given hosts, which a person named. */
  egressTo(hosts: string[]): Egress;
  /** Language of disclosures. */
  locale: 'en' | 'pl';
}

/** One version of a module. */
export interface ModuleReference {
  id: string;
  version: string;
}

/** What a stage tells while it runs; shaped for people and for `--json` alike. */
export interface StageEvent extends JsonObject {
  stage: 'derive' | 'generate' | 'check' | 'try' | 'approve' | 'release';
  state: 'start' | 'delta' | 'end';
  message: string;
  elapsedMs: number;
}

/** Listener of stage events. */
export type StageListener = (event: StageEvent) => void;
