import { createHash } from 'node:crypto';
import { BurgeonError } from '@burgeon/kit';
import { contentOf } from '../../base/binary-file.ts';
import { publicText, type TrustedKey } from '../../security/keys.ts';
import { readStatement } from '../../security/sign.ts';
import { provenanceType } from '../attestation.ts';
import type { Inspected } from '../inspect.ts';
import { keyOf } from '../records.ts';
import { type ArchiveFile, writeArchive } from './archive.ts';
import { billOf } from './bill.ts';
import { packageCard } from './card.ts';

/** Where things lie in a package, below `package/`. */
export const places = {
  card: 'package.json',
  attestation: 'attestation.dsse.json',
  publisher: 'publisher.key',
  bill: 'sbom.cdx.json',
  module: 'module/',
} as const;

/** A package, written. */
export interface WrittenPackage {
  /** A file name for it. */
  name: string;
  bytes: Buffer;
  /** `sha512-...`: what `--integrity` takes. @see https://www.w3.org/TR/SRI/ */
  integrity: string;
  files: number;
}

/** The integrity of some bytes. @see https://www.w3.org/TR/SRI/ */
export const integrityOf = (bytes: Uint8Array): string => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

/**
 * Writes a released version as a package in npm's layout: its files as they were signed, the signed statement, the key that signed, a bill of
 * materials. Same version, same bytes.
 * @throws {BurgeonError} UNSUPPORTED for a version that has no statement a package can carry; PACKAGE_INVALID for names no archive may hold
 */
export const writePackage = async (
  { record, candidate }: Inspected,
  keys: (id: string) => TrustedKey | undefined,
): Promise<WrittenPackage> => {
  const { signature } = record;
  const key = signature?.signatures.map(({ keyid }) => keys(keyid)).findLast((each) => each !== undefined);
  if (!signature || !key || readStatement(signature)?.predicateType !== provenanceType)
    throw notReleased(keyOf(record), record.state);
  const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  const files: [path: string, content: Buffer | string][] = [
    [places.card, json(packageCard(candidate.manifest))],
    [places.attestation, json(signature)],
    [places.publisher, `${publicText(key.publicKey)}\n`],
    [places.bill, json(billOf(candidate.manifest, record.files))],
    ...candidate.files.map((file): [string, Buffer | string] => [places.module + file.path, contentOf(file)]),
  ];
  const bytes = await writeArchive(
    files.map(([path, content]): ArchiveFile => ({ path: `package/${path}`, content: Buffer.from(content) })),
  );
  const name = `${record.id.replaceAll('/', '-')}-${record.version}.tgz`;
  return { name, bytes, integrity: integrityOf(bytes), files: files.length };
};

const notReleased = (module: string, state: string): BurgeonError =>
  new BurgeonError('UNSUPPORTED', {
    message: `${module} cannot be packaged: ${state === 'pending' || state === 'rejected' ? 'it was never approved' : 'it was released before packages were known'}.`,
    hint: 'Release a version of it first: burgeon add',
  });
