import { constants } from 'node:fs';
import { open, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { BurgeonError, type BundleFile } from '@burgeon/kit';
import { textOfContent } from './binary-file.ts';

/** Bounds of one folder. */
export interface FolderBounds {
  files: number;
  /** All files together. */
  bytes: number;
  /** Folders inside folders. */
  depth: number;
}

/** The bounds when nobody says otherwise: what a person still reads through. */
export const defaultFolderBounds: FolderBounds = { files: 512, bytes: 8 * 1024 * 1024, depth: 16 };

/** The files of a folder as a bundle carries them, in code-unit order of their paths, and what was passed over, with the reason. */
export interface FolderRead {
  files: BundleFile[];
  passedOver: { path: string; why: string }[];
}

/** Entries looked at for each file that may be taken: a folder of links and the like must end too. */
const entriesPerFile = 16;

/**
 * Reads a folder somebody else wrote. Links are never followed; what begins with a dot, `node_modules` and what is neither UTF-8 text nor of a
 * binary kind is passed over.
 * @throws {BurgeonError} SPEC_TOO_COMPLEX when it exceeds a bound, SOURCE_FORBIDDEN when a part of it cannot be read
 */
export const readFolder = async (folder: string, bounds: FolderBounds = defaultFolderBounds): Promise<FolderRead> => {
  const found: FolderRead = { files: [], passedOver: [] };
  const waiting = [''];
  let bytes = 0;
  let entries = 0;
  const refuse = (what: string): BurgeonError =>
    new BurgeonError('SPEC_TOO_COMPLEX', { message: `${folder} holds ${what}.`, hint: 'Point at the folder of one module.' });
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (at.split('/').length > bounds.depth) throw refuse(`folders deeper than ${bounds.depth}`);
    for await (const entry of await reading(folder, at, opendir(join(folder, at)))) {
      if (++entries > bounds.files * entriesPerFile) throw refuse(`more than ${bounds.files * entriesPerFile} entries`);
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      if (entry.isDirectory()) waiting.push(path);
      else if (!entry.isFile()) found.passedOver.push({ path, why: entry.isSymbolicLink() ? 'is a link' : 'is no file' });
      else {
        const content = await reading(folder, path, readRegular(join(folder, path), bounds.bytes - bytes));
        if (content === 'large') throw refuse(`more than ${bounds.bytes} bytes`);
        bytes += content.length;
        const text = textOfContent(path, content);
        if (text === undefined) found.passedOver.push({ path, why: 'is no text' });
        else found.files.push({ path, text });
        if (found.files.length > bounds.files) throw refuse(`more than ${bounds.files} files`);
      }
    }
  }
  const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1);
  return { files: found.files.toSorted(byPath), passedOver: found.passedOver.toSorted(byPath) };
};

const reading = async <T>(folder: string, path: string, work: Promise<T>): Promise<T> =>
  work.catch((cause: unknown) => {
    throw new BurgeonError('SOURCE_FORBIDDEN', {
      message: `${join(folder, path)} cannot be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)}).`,
      hint: 'Check who owns it and its mode: ls -l',
      cause,
    });
  });

/** What was a file when it was listed may be a link or a pipe by now: it is opened without following, and looked at again. */
const readRegular = async (path: string, room: number): Promise<Buffer | 'large'> => {
  // Where the system lacks one of them it is undefined, which counts as 0.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const { size } = await file.stat();
  if (size > room) return 'large';
  const content = await file.readFile();
  return content.length > room ? 'large' : content;
};
