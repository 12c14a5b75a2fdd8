import type { CallOptions, CallResult, Grant, Interface, JsonObject, Limits, ModuleBus } from '@burgeon/kit';
import type { CredentialGate, SecretAccess } from '../security/credentials/gate.ts';
import type { RuntimeParts } from './parts.ts';

/** Code that calls: which module it is, what it was granted, and what its calls are carried out with. */
export interface HostCaller {
  id: string;
  description: Interface;
  grants: readonly Grant[];
  limits: Limits;
  parts: Pick<RuntimeParts, 'clock' | 'log'> & Partial<Pick<RuntimeParts, 'audit'>> & { vault: SecretAccess };
  /** How it reaches an operation of another module. */
  call(reference: string, operation: string, input: JsonObject, options?: CallOptions): Promise<CallResult>;
  /** How it sends messages; absent where there is nobody to send them to. */
  bus?: ModuleBus | undefined;
}

/** What the methods that code may call work with. */
export interface Power extends HostCaller {
  /** The gate of this module; made at first use. */
  egress(): CredentialGate;
  /** Aborted when the module is unloaded. */
  signal: AbortSignal;
}
