import type { JsonObject } from '@burgeon/kit';
import type { Client } from './client.ts';

/** A module as operations name it. */
export interface Reference extends JsonObject {
  namespace: string;
  name: string;
}

/**
 * Finds what `namespace/name`, `namespace/name@version` or a bare name means.
 * @throws {BurgeonError} MODULE_NOT_FOUND, NAME_AMBIGUOUS, VERSION_NOT_FOUND
 */
export const findModule = async (client: Client, reference: string): Promise<{ id: string; version: string; at: Reference }> => {
  const { id, version } = (await client.call('resolveModule', { reference })) as { id: string; version: string };
  const slash = id.indexOf('/');
  return { id, version, at: { namespace: id.slice(0, slash), name: id.slice(slash + 1) } };
};

/** The reference with the version, when one was written. */
export const withVersion = (reference: string, found: { version: string; at: Reference }): JsonObject =>
  reference.includes('@') ? { ...found.at, version: found.version } : found.at;
