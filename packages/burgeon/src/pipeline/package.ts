import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BurgeonError,
  manifestExtension,
  type BundleFile,
  type Diagnostic,
  type Interface,
  type Manifest,
  type Namespace,
  type Program,
  type SchemaObject,
} from '@burgeon/kit';
import interfaceSchema from '@burgeon/kit/schemas/interface.schema.json' with { type: 'json' };
import { shapeOf } from '../adapters/sources/module/document.ts';
import { currentActor } from '../base/actor.ts';
import { readFolder } from '../base/folder.ts';
import { nearest } from '../base/nearest.ts';
import { normaliseInterface } from '../interface/normalise.ts';
import type { OpenedPackage } from '../registry/package/read.ts';
import type { Publication, VersionRecord } from '../registry/records.ts';
import { interfacePath, isGenerated } from '../security/bundle.ts';
import type { PipelineContext } from './context.ts';
import type { Derived, DeriveRequest, Packaged } from './derived.ts';
import { moduleIdOf } from './generate.ts';
import type { DocumentContent } from './pointed.ts';

/** How old a version of somebody else's must be: attacks by packages are mostly found within days. Milliseconds. */
const coolDownMs = 72 * 60 * 60 * 1_000;

/** True for bytes that are gzipped: among what can be pointed at, only packages are. */
export const isPackage = (content: DocumentContent): content is Uint8Array =>
  typeof content !== 'string' && content[0] === 0x1f && content[1] === 0x8b;

/** The files of a folder that is an unpacked package; undefined for any other. Links and the like make it none. */
export const unpackedAt = async (folder: string): Promise<BundleFile[] | undefined> => {
  const { places } = await import('../registry/package/write.ts');
  const isOne = await stat(join(folder, places.attestation)).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isOne) return undefined;
  const { files, passedOver } = await readFolder(folder);
  const [strange] = passedOver;
  if (strange) throw refused('kind', `"${strange.path.slice(0, 200)}" ${strange.why}.`, undefined, { where: strange.path });
  return files;
};

/**
 * Reads a package, a file or its unpacked folder, as what it was made from: interface and program. What is written for a module is written
 * anew here, so that nothing but its own code is the publisher's.
 * @throws {BurgeonError} PACKAGE_INVALID, SIGNATURE_INVALID, LOCK_MISMATCH when the version was seen with other bytes
 */
export const derivePackage = async (
  context: PipelineContext,
  from: Uint8Array | BundleFile[],
  request: DeriveRequest,
): Promise<Derived> => {
  const { openPackage, requireIntegrity, filesOfArchive } = await import('../registry/package/read.ts');
  if (currentActor().kind === 'model' && (request.allowFresh === true || request.allowUnknown === true)) throw forbidden();
  if (request.name !== undefined || request.location !== undefined) throw signedName();
  let files = from;
  if (!Array.isArray(files)) {
    const { readArchive } = await import('../registry/package/archive.ts');
    if (request.integrity !== undefined) requireIntegrity(files, request.integrity);
    files = filesOfArchive(await readArchive(files));
  } else if (request.integrity !== undefined) throw noIntegrity();
  const opened = openPackage(files, context.ring);
  requireWelcome(opened.publication, request, context.clock.now());
  await context.registry.requirePin(opened, opened.publication);
  const derived = { interface: withoutChoices(interfaceOf(opened.interface), opened.publication), ...programOf(opened) };
  const id = moduleIdOf(derived);
  if (id !== opened.id) throw refused('name', `It says it is ${opened.id}, but what it holds is ${id}.`);
  await requireSamePublisher(context, opened);
  const { version, publication, publicKey } = opened;
  return { ...derived, package: { id, version, publication, publicKey, notes: await notesOf(context, id) } };
};

/** A key that is let in though nobody knows it is remembered as that, so that it can be revoked. */
export const meetPublisher = async ({ ring }: PipelineContext, { publication, publicKey }: Packaged): Promise<void> => {
  if (ring.find(publication.key) === undefined) await ring.add(publicKey, { name: publication.key, trust: 'unknown' });
};

const refused = (reason: string, message: string, hint = 'Nothing of it was taken in.', data = {}): BurgeonError =>
  new BurgeonError('PACKAGE_INVALID', { message, hint, data: { reason, ...data } });

const signedName = (): BurgeonError =>
  new BurgeonError('USAGE', {
    message: 'A package has its name and its address signed.',
    hint: 'Leave --name and --location away.',
  });

const forbidden = (): BurgeonError =>
  new BurgeonError('FORBIDDEN', {
    message: 'A model may not let in what is fresh or unknown.',
    hint: 'Ask a person to run burgeon add with --allow-fresh or --allow-unknown.',
  });

const noIntegrity = (): BurgeonError =>
  new BurgeonError('USAGE', {
    message: 'A folder has no integrity of its own.',
    hint: 'Point at the .tgz file, or leave --integrity away.',
  });

/** The publisher is one the owner lets in, and what was published has stood for a while. */
const requireWelcome = ({ key, name, trust, publishedAt }: Publication, request: DeriveRequest, now: number): void => {
  if (trust === 'unknown' && request.allowUnknown !== true)
    throw refused(
      'unknown-publisher',
      `Nobody here knows the key ${key} that signed it.`,
      'If you know whose it is: burgeon keys add KEY --name NAME. To take it in all the same, for people to approve: --allow-unknown',
      { key },
    );
  if (trust === 'own' || trust === 'bundled' || request.allowFresh === true) return;
  const age = now - Date.parse(publishedAt);
  if (age >= coolDownMs) return;
  const until = new Date(Date.parse(publishedAt) + coolDownMs).toISOString();
  throw refused(
    'fresh',
    `${name} published it at ${publishedAt}, less than 72 hours ago.`,
    `Bad packages are mostly found out in their first days. Wait until ${until}, or say --allow-fresh.`,
    { publishedAt, until },
  );
};

const requireInterface = shapeOf(interfaceSchema as unknown as SchemaObject);

const interfaceOf = (value: Interface): Interface => {
  try {
    requireInterface(interfacePath, value);
  } catch (error) {
    throw refused('interface', BurgeonError.from(error).message);
  }
  return normaliseInterface(value);
};

/**
 * That a name may lead to a private address is for the person to say who chose it. What a publisher chose, nobody here did, unless the owner knows
 * who that is.
 */
const withoutChoices = (description: Interface, { trust }: Publication): Interface => {
  if (trust === 'own' || trust === 'verified') return description;
  return { ...description, locations: description.locations.map(({ chosen: _, ...said }) => said) };
};

const programOf = ({ manifest, files }: OpenedPackage): { program?: Program } => {
  const { kind, host, entry, capabilities, limits, dependencies, state, id } = manifest.extensions[manifestExtension];
  if (kind !== 'code') return {};
  if (typeof entry !== 'string' || !files.some(({ path }) => path === entry)) throw refused('manifest', 'It has no entry file.');
  const said = Object.fromEntries(Object.entries({ limits, state }).filter(([, value]) => value !== undefined));
  return {
    program: {
      namespace: id.slice(0, id.indexOf('/')) as Namespace,
      card: { ...said, host, entry, capabilities, dependencies },
      about: aboutOf(manifest),
      files: files.filter(({ path }) => !isGenerated(path)),
    },
  };
};

const aboutOf = (manifest: Manifest): Program['about'] =>
  Object.fromEntries(
    (['description', 'author', 'homepage', 'repository', 'license', 'keywords'] as const).flatMap((name) =>
      manifest[name] === undefined ? [] : [[name, manifest[name]]],
    ),
  );

/**
 * A module keeps its publisher, whoever else comes under its name: another key must be one the owner named for this very module, or follow
 * from the one before.
 */
const requireSamePublisher = async (context: PipelineContext, { id, publication }: OpenedPackage): Promise<void> => {
  const versions: VersionRecord[] = await context.registry.versions(id).catch(() => []);
  const before = versions.findLast(({ signature }) => signature !== undefined);
  if (!before) return;
  const { key, name } = before.publication ?? { key: context.ring.signer.id, name: 'you' };
  const now = context.ring.find(publication.key);
  const isSame = key === publication.key || (before.publication === undefined && now?.role === 'owner');
  const isNamed = now?.scope.includes(id) === true;
  const follows = context.ring.follows(publication.key, key);
  if (isSame || isNamed || follows) return;
  throw refused(
    'publisher',
    `${id} comes from ${name} (${key}); this package is by ${publication.name} (${publication.key}).`,
    `If it is to change hands: burgeon keys add KEY --scope ${id}`,
    { key: publication.key, before: key },
  );
};

/** A name that is nearly another one may be meant to be taken for it. */
const notesOf = async (context: PipelineContext, id: string): Promise<Diagnostic[]> => {
  const ids = (await context.registry.list()).map((module) => module.id);
  const near = ids.includes(id) ? undefined : nearest(id, ids);
  if (near === undefined) return [];
  return [
    {
      severity: 'warning',
      code: 'near-name',
      message: `Its name is nearly that of ${near}, which is here already.`,
      path: '',
      from: 'package',
      hint: 'Make sure that it is the one you want.',
    },
  ];
};
