import {
  defaultLimits,
  manifestExtension,
  type Interface,
  type Limits,
  type ModuleManifest,
  type Operation,
  type VerifiedModule,
} from '@burgeon/kit';
import { createValidator, type Validator } from '../../interface/validate.ts';
import type { ModuleReference } from '../../registry/records.ts';
import type { Registry } from '../../registry/registry.ts';

/** A verified version with what its calls need at hand. Nothing of it runs. */
export interface PreparedModule extends ModuleReference {
  module: VerifiedModule;
  card: ModuleManifest;
  description: Interface;
  operations: ReadonlyMap<string, Operation>;
  validator: Validator;
  limits: Limits;
}

/**
 * Verifies a version from its signature down, and prepares it.
 * @throws {BurgeonError} whatever `Registry.load` throws: SIGNATURE_INVALID, APPROVAL_PENDING, ...
 */
export const prepare = async (registry: Pick<Registry, 'load'>, { id, version }: ModuleReference): Promise<PreparedModule> => {
  const module = await registry.load({ id, version });
  const card = module.manifest.extensions[manifestExtension];
  return {
    id,
    version,
    module,
    card,
    description: module.interface,
    operations: new Map(module.interface.operations.map((operation) => [operation.id, operation])),
    validator: createValidator(module.interface.types),
    limits: { ...defaultLimits, ...card.limits },
  };
};
