import { readFile, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import {
  BurgeonError,
  defaultBudget,
  manifestExtension,
  type BundleFile,
  type Candidate,
  type Interface,
  type Manifest,
} from '@burgeon/kit';
import { isBinary } from '../base/binary-file.ts';
import { isObject } from '../base/json.ts';
import { assembleCandidate, manifestPath } from '../security/bundle.ts';

/** Files and bytes that a module's folder may have. */
const limits = { files: 2_000, bytes: 64 * 1024 * 1024 } as const;

/** Folders that are never a part of a module. */
const passedOver: ReadonlySet<string> = new Set(['node_modules', '.git']);

/**
 * Reads a folder that holds a module as a candidate, for checks to judge: a whole bundle as it is, a module that its author is still writing
 * (`plugin.json` without provenance) as `add` would write it out.
 * @throws {BurgeonError} SOURCE_NOT_FOUND when a file is missing, SOURCE_INVALID, SPEC_TOO_COMPLEX
 */
export const readCandidate = async (folder: string): Promise<Candidate> => {
  const grown = await writeOut(folder);
  if (grown) return grown;
  const files = await readFiles(folder);
  const manifest = jsonFile(files, folder, 'plugin.json') as unknown as Manifest;
  const card = isObject(manifest.extensions) ? manifest.extensions[manifestExtension] : undefined;
  if (!isObject(card) || !Array.isArray(card.capabilities)) {
    throw new BurgeonError('SOURCE_INVALID', {
      message: `${join(folder, 'plugin.json')} has no module card under extensions["${manifestExtension}"].`,
      hint: 'Write one, or add the module from its source: burgeon add WHAT',
    });
  }
  const description = jsonFile(files, folder, card.interface ?? 'interface.json') as unknown as Interface;
  return assembleCandidate({ manifest, interface: description, files });
};

const writeOut = async (location: string): Promise<Candidate | undefined> => {
  const { module: source } = await import('../adapters/sources/module/index.ts');
  const input = { kind: 'folder', location } as const;
  if (source.detect(input) === 0 || isWrittenOut(await readFile(join(location, manifestPath), 'utf8'))) return undefined;
  const [{ generate }, { normaliseInterface }, { targets }, { systemClock }, { silentLogger }] = await Promise.all([
    import('../pipeline/generate.ts'),
    import('../interface/normalise.ts'),
    import('../adapters/targets/index.ts'),
    import('../base/clock.ts'),
    import('../base/log.ts'),
  ]);
  const signal = AbortSignal.timeout(defaultBudget.deadlineMs);
  const read = await source.readProgram?.(input, { budget: defaultBudget, clock: systemClock, log: silentLogger, signal });
  return read && generate({ targets }, { ...read, interface: normaliseInterface(read.interface) }, '1.0.0');
};

/** What we wrote says where it came from. */
const isWrittenOut = (manifest: string): boolean => {
  const { extensions } = JSON.parse(manifest) as Pick<Manifest, 'extensions'>;
  return Object.hasOwn(extensions[manifestExtension], 'provenance');
};

const readFiles = async (folder: string): Promise<BundleFile[]> => {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep));
  const own = paths.filter((parts) => !parts.some((part) => passedOver.has(part)));
  if (own.length > limits.files) throw tooLarge(folder, `${own.length} files; at most ${limits.files}`);
  const files: BundleFile[] = [];
  let bytes = 0;
  for (const parts of own) {
    const text = await readFile(join(folder, ...parts), isBinary(parts.at(-1) ?? '') ? 'base64' : 'utf8');
    bytes += Buffer.byteLength(text);
    if (bytes > limits.bytes) throw tooLarge(folder, `more than ${limits.bytes} bytes; no more`);
    files.push({ path: parts.join('/'), text });
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
};

const tooLarge = (folder: string, what: string): BurgeonError =>
  new BurgeonError('SPEC_TOO_COMPLEX', {
    message: `${folder} has ${what} are read.`,
    hint: 'Point at the folder of one module.',
  });

const jsonFile = (files: readonly BundleFile[], folder: string, path: string): Record<string, unknown> => {
  const file = files.find((each) => each.path === path);
  if (!file) {
    throw new BurgeonError('SOURCE_NOT_FOUND', {
      message: `${folder} holds no ${path}, so it is no module.`,
      hint: 'A module is a folder with plugin.json and interface.json. To grow one: burgeon add WHAT',
    });
  }
  try {
    const value = JSON.parse(file.text) as unknown;
    if (isObject(value)) return value;
  } catch {
    // Told below, like JSON that is no object.
  }
  throw new BurgeonError('SOURCE_INVALID', {
    message: `${join(folder, path)} is not a JSON object.`,
    hint: 'Correct it and check again.',
  });
};
