import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Interface,
  type Program,
  type Source,
  type SourceContext,
  type SourceInput,
  BurgeonError,
  defineSource,
  manifestExtension,
} from '@burgeon/kit';
import { readFolder } from '../../../base/folder.ts';
import { digestOf, isObject, sha256 } from '../../../base/json.ts';
import { interfacePath, isGenerated, manifestPath } from '../../../security/bundle.ts';
import { readCard } from './card.ts';
import { interfaceOf } from './describe.ts';
import { documentIn } from './document.ts';

/** Bytes of a manifest; larger ones are none. */
const manifestBytes = 1024 * 1024;

const detect = ({ kind, location }: SourceInput): number => {
  if (kind !== 'folder') return 0;
  try {
    const path = join(location, manifestPath);
    if (statSync(path).size > manifestBytes) return 0;
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as { extensions?: unknown };
    return isObject(manifest.extensions) && isObject(manifest.extensions[manifestExtension]) ? 1 : 0;
  } catch {
    return 0;
  }
};

const readProgram = async (input: SourceInput, context: SourceContext): Promise<{ interface: Interface; program: Program }> => {
  const { files, passedOver } = await readFolder(input.location);
  const card = await readCard(files, context.budget);
  const own = files.filter(({ path }) => !isGenerated(path));
  const entry = card.module.entry ?? entries.find((path) => own.some((file) => file.path === path));
  if (entry === undefined || !own.some((file) => file.path === entry)) {
    throw new BurgeonError('SOURCE_INVALID', {
      message: entry === undefined ? 'The folder has no entry file.' : `The folder has no file "${entry}", which is its entry.`,
      hint: `Write ${entries[0]}, or name the file as "entry" under extensions["${manifestExtension}"].`,
    });
  }
  const described = files.some(({ path }) => path === interfacePath)
    ? await documentIn(files, interfacePath, context.budget)
    : undefined;
  const description = interfaceOf(card, described);
  const digests = [...own, ...files.filter(({ path }) => path === manifestPath || path === interfacePath)].map(
    ({ path, text }) => ({ path, sha256: sha256(text) }),
  );
  const { operations: _operations, channels: _channels, types: _types, ...declared } = card.module;
  return {
    interface: {
      ...description,
      source: { kind: 'module', location: input.location, digest: digestOf(digests) },
      diagnostics: passedOver.map(({ path, why }) => ({
        severity: 'info',
        code: 'file-passed-over',
        message: `"${path.slice(0, 200)}" ${why}; it is no part of the module.`,
        path: '',
        from: 'module',
      })),
    },
    program: { namespace: card.namespace, card: { ...declared, entry }, about: card.about, files: own },
  };
};

const entries = ['index.ts', 'index.js', 'index.mjs', 'module.wasm'] as const;

/**
 * Reads a folder that holds a module with code of its own: `plugin.json`, whose part for us may be partial, the interface (`interface.json`,
 * or tables of operations and channels in that part), and the code.
 */
export const module: Source = defineSource({
  name: 'module',
  reads: 'folder',
  detect,
  read: async (input, context) => (await readProgram(input, context)).interface,
  readProgram,
});
