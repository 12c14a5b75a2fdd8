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
import type { OwnerKey, TrustedKey } from '../security/keys.ts';
import { type Envelope, signStatement, signatureInvalid, statementType, verifyEnvelope } from '../security/sign.ts';
import type { Blobs } from './blobs.ts';
import { type VersionRecord, keyOf } from './records.ts';

/** What the owner agreed to: which request, to which bytes and capabilities, and which channels confirmed when. */
export interface ReleaseApproval {
  request: string;
  digest: string;
  capabilitiesDigest: string;
  receipts: readonly { channel: string; class: string; at: string }[];
}

const releaseType = 'https://burgeon.dev/attestations/release/v1';

/** Signs a version: its bundle, its capabilities and who approved them. */
export const signRelease = (key: OwnerKey, record: VersionRecord, { request, receipts }: ReleaseApproval): Envelope =>
  signStatement(key, {
    _type: statementType,
    subject: [{ name: keyOf(record), digest: { sha256: record.digest } }],
    predicateType: releaseType,
    predicate: {
      capabilities: { sha256: record.capabilitiesDigest },
      request,
      receipts: receipts.map((receipt) => ({ ...receipt })),
    },
  });

/**
 * Verifies a version from the signature down to the last byte, and gives it ready to be started. Nothing of the record is believed: the
 * list of files must give the digest that was signed, each file its own, and the manifest the capabilities that were approved.
 * @throws {BurgeonError} SIGNATURE_INVALID; `data.differs` names what is not as it was signed
 */
export const verifyRelease = async (
  blobs: Blobs,
  record: VersionRecord,
  trusted: readonly TrustedKey[],
): Promise<VerifiedModule> => {
  const name = keyOf(record);
  const statement = verifyEnvelope(record.signature, trusted);
  const [subject] = statement.subject;
  if (statement.predicateType !== releaseType || subject?.name !== name) {
    throw signatureInvalid('statement', `The signature of ${name} speaks of something else.`, { module: name });
  }
  const digest = subject.digest.sha256;
  if (record.digest !== digest || digestOf(record.files) !== digest)
    throw signatureInvalid('bundle', `The list of files of ${name} was changed.`, { module: name });
  const files = await readFiles(blobs, record, name);
  const manifest = parseFile<Manifest>(files, manifestPath, name);
  const description = parseFile<Interface>(files, interfacePath, name);
  const approved = statement.predicate['capabilities'];
  const ours = manifest.extensions?.[manifestExtension];
  if (!isObject(approved) || !Array.isArray(ours?.capabilities) || approved['sha256'] !== capabilitiesDigest(ours.capabilities)) {
    throw signatureInvalid('capabilities', `The capabilities of ${name} are not the approved ones.`, { module: name });
  }
  if (ours.id !== record.id || manifest.version !== record.version) {
    throw signatureInvalid('manifest', `The manifest of ${name} is that of another module.`, { module: name });
  }
  const texts = new Map<string, string>();
  return {
    manifest,
    interface: description,
    digest,
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
