import {
  BurgeonError,
  type Interface,
  type JsonObject,
  type Manifest,
  type VerifiedModule,
  manifestExtension,
} from '@burgeon/kit';
import { canonicalJson, digestOf, isObject } from '../base/json.ts';
import { interfacePath, manifestPath } from '../security/bundle.ts';
import { capabilitiesDigest } from '../security/capabilities.ts';
import type { KeyRing } from '../security/key-ring.ts';
import type { OwnerKey, TrustedKey } from '../security/keys.ts';
import { type Envelope, revokedError, signStatement, signatureInvalid, verifyEnvelope } from '../security/sign.ts';
import { type Attested, type ReleaseFacts, attest, attestedIn, sameFiles } from './attestation.ts';
import type { Blobs } from './blobs.ts';
import { type VersionRecord, keyOf } from './records.ts';

/** Whose signatures count when a version is loaded. */
export interface ReleaseTrust {
  /** The owner's keys: only what the owner released runs. */
  owners(): readonly TrustedKey[];
  /** A publisher's key that a version came from; undefined when it is not known. */
  publisher?(id: string): TrustedKey | undefined;
}

/** Releases are judged by the keys of a ring: those of the owner, and those of publishers. */
export const releaseTrust = (ring: Pick<KeyRing, 'owners' | 'trusted'>): ReleaseTrust => ({
  owners: () => ring.owners(),
  publisher: (id) => ring.trusted(id),
});

/** Signs a version: its bundle, its capabilities, how it came about and who approved it. */
export const signRelease = (key: OwnerKey, record: VersionRecord, facts: ReleaseFacts): Envelope =>
  signStatement(key, attest(record, facts));

/**
 * What was signed of a version: by the owner, with no key that was revoked in between, neither the owner's nor its publisher's.
 * @throws {BurgeonError} SIGNATURE_INVALID
 */
export const verifySignature = (record: VersionRecord, trust: ReleaseTrust): Attested => {
  const name = keyOf(record);
  const owners = trust.owners();
  const statement = verifyEnvelope(record.signature, owners);
  const attested = attestedIn(statement, name);
  const digest = statement.subject[0]?.digest.sha256;
  if (!attested) throw signatureInvalid('statement', `The signature of ${name} speaks of something else.`, { module: name });
  const { publication, releasedAt } = attested;
  for (const { keyid } of record.signature?.signatures ?? [])
    requireStanding(
      owners.find(({ id }) => id === keyid),
      releasedAt,
      name,
    );
  // When it was published is the publisher's word, and a thief's as well; when it was let in here is ours.
  if (publication) requireStanding(trust.publisher?.(publication.key), releasedAt, name);
  const isSame = record.digest === digest && digestOf(record.files) === digest;
  if (!isSame || (attested.files && !sameFiles(record.files, attested.files)))
    throw signatureInvalid('bundle', `The list of files of ${name} was changed.`, { module: name });
  return attested;
};

/** A key that was revoked from some time on still counts for what it signed before. */
const requireStanding = (key: TrustedKey | undefined, at: string | undefined, module: string): void => {
  const { revoked } = key ?? {};
  if (key && revoked && (revoked.since === undefined || at === undefined || at >= revoked.since))
    throw revokedError(key.id, revoked.why, { module });
};

/**
 * Verifies a version from the signature down to the last byte, and gives it ready to be started. Nothing of the record is believed: the
 * list of files must give the digest that was signed, each file its own, and the manifest the capabilities that were approved.
 * @throws {BurgeonError} SIGNATURE_INVALID; `data.differs` names what is not as it was signed
 */
export const verifyRelease = async (blobs: Blobs, record: VersionRecord, trust: ReleaseTrust): Promise<VerifiedModule> => {
  const name = keyOf(record);
  const { capabilities } = verifySignature(record, trust);
  const files = await readFiles(blobs, record, name);
  const manifest = parseFile<Manifest>(files, manifestPath, name);
  const description = parseFile<Interface>(files, interfacePath, name);
  const ours = manifest.extensions?.[manifestExtension];
  if (!Array.isArray(ours?.capabilities) || capabilities !== capabilitiesDigest(ours.capabilities)) {
    throw signatureInvalid('capabilities', `The capabilities of ${name} are not the approved ones.`, { module: name });
  }
  if (ours.id !== record.id || manifest.version !== record.version) {
    throw signatureInvalid('manifest', `The manifest of ${name} is that of another module.`, { module: name });
  }
  const texts = new Map<string, string>();
  return {
    manifest,
    interface: description,
    digest: record.digest,
    paths: [...files.keys()],
    file: (path) => {
      const bytes = files.get(path);
      if (bytes === undefined) return undefined;
      const text = texts.get(path) ?? bytes.toString('utf8');
      texts.set(path, text);
      return text;
    },
  };
};

/** True when the files of a bundle carry the very manifest and interface that were judged. */
export const carries = (files: readonly { path: string; text: string }[], path: string, value: unknown): boolean => {
  const file = files.find((one) => one.path === path);
  try {
    return file !== undefined && canonicalJson(JSON.parse(file.text)) === canonicalJson(value);
  } catch {
    return false;
  }
};

const readFiles = async (blobs: Blobs, record: VersionRecord, name: string): Promise<Map<string, Buffer>> => {
  const read = record.files.map(async ({ path, sha256 }): Promise<[string, Buffer]> => {
    try {
      return [path, await blobs.get(sha256)];
    } catch (error) {
      if (!BurgeonError.is(error) || error.code !== 'SIGNATURE_INVALID') throw error;
      throw signatureInvalid('file', `The file ${path} of ${name} is not the one that was signed.`, { module: name, path });
    }
  });
  return new Map(await Promise.all(read));
};

const parseFile = <T>(files: ReadonlyMap<string, Buffer>, path: string, name: string): T => {
  try {
    const value: unknown = JSON.parse(files.get(path)?.toString('utf8') ?? '');
    if (isObject(value)) return value as unknown as T & JsonObject;
  } catch {
    // Falls through: not JSON is as bad as not an object.
  }
  throw signatureInvalid('file', `The bundle of ${name} has no readable ${path}.`, { module: name, path });
};
