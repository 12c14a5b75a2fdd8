/** The run-time files that a stand-alone package carries: our own sources, copied as they are. */
import { readFile } from 'node:fs/promises';
import { BurgeonError, type BundleFile } from '@burgeon/kit';

const read = async (url: URL): Promise<string> => {
  try {
    return await readFile(url, 'utf8');
  } catch (cause) {
    throw new BurgeonError('INTERNAL', {
      message: `The file ${url.pathname} is missing from this installation.`,
      hint: 'Install Burgeon again.',
      cause,
    });
  }
};

const collect = async (binding: string, entry: string): Promise<BundleFile[]> => {
  const folder = new URL(`../../../bindings/${binding}/runtime/`, import.meta.url);
  const texts = new Map<string, string>();
  const waiting = new Set([entry]);
  // A Set visits what is added while it is being walked.
  for (const name of waiting) {
    const text = await read(new URL(name, folder));
    texts.set(name, text);
    for (const [, imported] of text.matchAll(/ from '\.\/([a-z0-9-]+\.ts)'/g)) if (imported !== undefined) waiting.add(imported);
  }
  return [...texts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, text]) => ({ path: `runtime/${name}`, text }));
};

/** Our own files do not change while we run. */
const collected = new Map<string, Promise<BundleFile[]>>();

/**
 * The file `entry` of `bindings/<binding>/runtime` and everything it imports from there, as files under `runtime/`, in path order.
 * @throws {BurgeonError} INTERNAL when this installation does not carry the TypeScript text of the runtime
 */
export const runtimeFiles = (binding: string, entry: string): Promise<BundleFile[]> => {
  const key = `${binding}/${entry}`;
  const files = collected.get(key) ?? collect(binding, entry);
  collected.set(key, files);
  return files;
};
