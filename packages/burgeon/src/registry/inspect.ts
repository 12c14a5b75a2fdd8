import {
  BurgeonError,
  manifestExtension,
  type BundleFile,
  type Candidate,
  type Capability,
  type Interface,
  type Manifest,
} from '@burgeon/kit';
import { interfacePath, manifestPath } from '../security/bundle.ts';
import type { ModuleReference, VersionRecord } from './records.ts';
import type { Registry } from './registry.ts';

/** One version taken apart, whatever its state: for looking at, never for running. */
export interface Inspected {
  record: VersionRecord;
  interface: Interface;
  capabilities: Capability[];
  candidate: Candidate;
}

/**
 * Reads a stored version back into the candidate it was; every file's digest is checked, its signature is not.
 * @throws {BurgeonError} MODULE_NOT_FOUND, VERSION_NOT_FOUND, HOME_DAMAGED
 */
export const inspect = async (registry: Registry, reference: ModuleReference | string): Promise<Inspected> => {
  const record = await registry.show(reference);
  const files: BundleFile[] = [];
  for (const { path } of record.files) files.push({ path, text: (await registry.file(record, path)) ?? '' });
  const manifest = parsed(files, manifestPath, record) as Manifest;
  const description = parsed(files, interfacePath, record) as Interface;
  const { digest, capabilitiesDigest } = record;
  return {
    record,
    interface: description,
    capabilities: manifest.extensions[manifestExtension].capabilities,
    candidate: { manifest, interface: description, files, digest, capabilitiesDigest },
  };
};

const parsed = (files: readonly BundleFile[], path: string, { id, version }: ModuleReference): unknown => {
  const text = files.find((file) => file.path === path)?.text;
  if (text !== undefined) return JSON.parse(text) as unknown;
  throw new BurgeonError('HOME_DAMAGED', {
    message: `${id}@${version} has no ${path}.`,
    hint: 'Remove the module and add it again.',
  });
};
