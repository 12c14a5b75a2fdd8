import { BurgeonError, type JsonObject, type Store, type StoreWrite } from '@burgeon/kit';
import { asText } from '../base/json.ts';
import { type ModuleReference, type Publication, keyOf } from './records.ts';

/** Versions of packages as they were first seen; kept when the module is removed. */
const table = 'packages';

/** The write that keeps what a version of a package was when it was first seen. */
export const pinWrite = (ref: ModuleReference, { key, digest }: Publication): StoreWrite => ({
  kind: 'put',
  table,
  id: keyOf(ref),
  value: { key, digest },
});

/**
 * Refuses a version of a package that was seen before with other bytes: a version is published once.
 * @throws {BurgeonError} LOCK_MISMATCH
 */
export const requirePin = async (store: Store, ref: ModuleReference, { digest }: Publication): Promise<void> => {
  const seen: JsonObject | undefined = (await store.get(table, keyOf(ref)))?.value;
  if (seen === undefined || seen['digest'] === digest) return;
  throw new BurgeonError('LOCK_MISMATCH', {
    message: `${keyOf(ref)} was here before with other bytes (${asText(seen['digest']).slice(0, 8)}, now ${digest.slice(0, 8)}).`,
    hint: 'A version is published once. Ask its publisher, and take no package that was made anew under an old number.',
    data: { module: ref.id, version: ref.version, seen: seen['digest'] ?? '', found: digest },
  });
};
