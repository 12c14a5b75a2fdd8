import { BurgeonError, type BundleFile, type Interface, type Manifest, manifestExtension } from '@burgeon/kit';
import { textOfContent } from '../../base/binary-file.ts';
import { canonicalJson, digestOf, isObject } from '../../base/json.ts';
import { bundleDigest, fileDigests, interfacePath, manifestPath } from '../../security/bundle.ts';
import { readPublicKey } from '../../security/keys.ts';
import { type Statement, signatureInvalid } from '../../security/sign.ts';
import { attestedIn, sameFiles } from '../attestation.ts';
import { type ModuleReference, type Publication, checkReference, keyOf } from '../records.ts';
import type { ArchiveFile } from './archive.ts';
import { billOf } from './bill.ts';
import { judgePackageCard } from './card.ts';
import { packageInvalid, shown } from './invalid.ts';
import { type PublisherKeys, judgePublisher } from './publisher.ts';
import { integrityOf, places } from './write.ts';

/** A package that holds together: who signed it, and what was signed. Nothing of it was judged by any check yet. */
export interface OpenedPackage extends ModuleReference {
  manifest: Manifest;
  interface: Interface;
  /** The files of the module, as they were published. */
  files: BundleFile[];
  publication: Publication;
  /** The publisher's key, as a person would add it. */
  publicKey: string;
}

const prefix = 'package/';

/** The files of a package by their places; all lie below one folder. @throws {BurgeonError} PACKAGE_INVALID */
export const filesOfArchive = (files: readonly ArchiveFile[]): BundleFile[] =>
  files.map(({ path, content }) => {
    if (!path.startsWith(prefix)) throw packageInvalid('layout', `The entry ${shown(path)} does not lie in ${prefix}.`, path);
    const text = textOfContent(path, content);
    if (text === undefined)
      throw packageInvalid('text', `The entry ${shown(path)} is neither text nor of a binary kind that is known.`, path);
    return { path: path.slice(prefix.length), text };
  });

/**
 * Takes a package apart and verifies it: the publisher's signature, every file against the statement, package.json and bill against the module.
 * @throws {BurgeonError} PACKAGE_INVALID; SIGNATURE_INVALID with what differs
 */
export const openPackage = (files: readonly BundleFile[], keys: PublisherKeys): OpenedPackage => {
  const isModule = ({ path }: BundleFile): boolean => path.startsWith(places.module);
  const bundle = files.filter(isModule).map(({ path, text }) => ({ path: path.slice(places.module.length), text }));
  const around = new Map(files.filter((file) => !isModule(file)).map(({ path, text }) => [path, text]));
  const known = new Set<string>([places.card, places.attestation, places.publisher, places.bill]);
  const stray = [...around.keys()].find((path) => !known.has(path));
  if (stray !== undefined) throw packageInvalid('layout', `The file ${shown(stray)} is nothing that a package holds.`, stray);
  const part = (place: string): string => {
    const text = around.get(place);
    if (text !== undefined) return text;
    throw packageInvalid('layout', `It has no ${place}.`, place);
  };
  const manifest = manifestOf(bundle);
  const ref = { id: manifest.extensions[manifestExtension].id, version: manifest.version };
  checkReference(ref);
  const envelope = jsonOf(part(places.attestation), places.attestation);
  const embedded = readEmbedded(part(places.publisher));
  const { statement, ...publisher } = judgePublisher(keys, { envelope, embedded, id: ref.id });
  const releasedAt = requireSigned(statement, ref, bundle);
  judgePackageCard(jsonOf(part(places.card), places.card), manifest);
  if (canonicalJson(jsonOf(part(places.bill), places.bill)) !== canonicalJson(billOf(manifest, fileDigests(bundle))))
    throw packageInvalid('sbom', 'Its bill of materials is not that of its files.', places.bill);
  return {
    ...ref,
    manifest,
    interface: jsonOf(bundle.find(({ path }) => path === interfacePath)?.text ?? '', interfacePath) as Interface,
    files: bundle,
    publication: { ...publisher, digest: bundleDigest(bundle), attestation: digestOf(envelope), publishedAt: releasedAt },
    publicKey: part(places.publisher).trim(),
  };
};

/** Compares a package with the integrity a person was told. Only sha-512 counts. @throws {BurgeonError} PACKAGE_INVALID */
export const requireIntegrity = (bytes: Uint8Array, wanted: string): void => {
  if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(wanted))
    throw packageInvalid('integrity', `${shown(wanted)} is no integrity that counts: only one written sha512-... does.`);
  const found = integrityOf(bytes);
  if (found !== wanted) throw packageInvalid('integrity', `Its integrity is ${found}, not ${wanted}.`);
};

const manifestOf = (bundle: readonly BundleFile[]): Manifest => {
  const value = jsonOf(bundle.find(({ path }) => path === manifestPath)?.text ?? '', manifestPath);
  const extensions = isObject(value) ? value['extensions'] : undefined;
  const card = isObject(extensions) ? extensions[manifestExtension] : undefined;
  const isCard = isObject(card) && typeof card['id'] === 'string' && isObject(card['dependencies']);
  const isListed = isCard && Array.isArray(card['capabilities']);
  if (isObject(value) && isListed && typeof value['name'] === 'string' && typeof value['version'] === 'string')
    return value as unknown as Manifest;
  throw packageInvalid('manifest', `Its ${manifestPath} is not that of a module.`, places.module + manifestPath);
};

const requireSigned = (statement: Statement, ref: ModuleReference, bundle: readonly BundleFile[]): string => {
  const attested = attestedIn(statement, keyOf(ref));
  if (!attested?.files || attested.releasedAt === undefined || !Number.isFinite(Date.parse(attested.releasedAt)))
    throw signatureInvalid('statement', `What was signed does not speak of ${keyOf(ref)}.`);
  const digests = fileDigests(bundle);
  const isWhole = bundleDigest(bundle) === statement.subject[0]?.digest.sha256 && sameFiles(digests, attested.files);
  if (isWhole) return attested.releasedAt;
  const changed = digests.find(({ path, sha256 }) => attested.files?.get(path) !== sha256);
  throw signatureInvalid(
    'file',
    `${changed ? `The file ${shown(changed.path)} is not the one that` : 'The files are not those that'} the publisher signed.`,
    changed ? { path: changed.path } : {},
    'Get the package again from its publisher, and tell them.',
  );
};

const readEmbedded = (text: string): ReturnType<typeof readPublicKey> => {
  try {
    return readPublicKey(text);
  } catch (error) {
    throw packageInvalid('key', BurgeonError.from(error).message, places.publisher);
  }
};

/** Nesting that no document of a module has; a parser below would fall over it. */
const deepest = 200;

const jsonOf = (text: string, where: string): unknown => {
  try {
    const value = JSON.parse(text) as unknown;
    if (depthOf(text) <= deepest) return value;
  } catch {
    // Falls through: what is no JSON is as bad as what is too deep.
  }
  throw packageInvalid('json', `Its ${where} is no JSON document.`, where);
};

/** The deepest nesting of a JSON text. */
const depthOf = (text: string): number => {
  let [deep, most] = [0, 0];
  for (const [bracket] of text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').matchAll(/[[\]{}]/g)) {
    deep += bracket === '[' || bracket === '{' ? 1 : -1;
    most = Math.max(most, deep);
  }
  return most;
};
