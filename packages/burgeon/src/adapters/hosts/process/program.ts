import { lstatSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BurgeonError, type Limits, type VerifiedModule, manifestExtension } from '@burgeon/kit';
import { contentOf, isBinary } from '../../../base/binary-file.ts';
import { requirePython } from '../../../base/python.ts';
import { insideProgram } from '../../../walls/inside-program.ts';
import type { JailedProgram } from '../../../walls/jail/jail.ts';
import type { PowerImport } from '../../../walls/javascript/script.ts';
import { stripTypes } from '../../../walls/javascript/strip.ts';
import type { ContainerMount } from './container-config.ts';
import { type FolderFile, type PrivateFolder, privateFolder } from './folder.ts';

/** What a program is written in. */
export type Language = 'python' | 'node' | 'binary';

/** What a program is told of itself when it is loaded, as `program` of its plan. */
export interface GuestProgram {
  /** Path of the entry inside the module. */
  entry: string;
  /** What it may import for the power it was granted. */
  powers: PowerImport[];
}

/** The files that a program finds in place of this machine's. */
export interface Container {
  /** Folder with an unpacked image. Whoever names it vouches for what is in it. */
  rootfs: string;
}

/** A program on disk, ready to be started as often as needed. */
export interface Prepared {
  folder: PrivateFolder;
  program: JailedProgram;
  /** What a container must see. */
  mounts: ContainerMount[];
}

/** Memory of an interpreter before the module, bytes; measured 2026-11: Node 26 takes 45 MB, Python 3.11 10 to 20 MB. */
const baseBytes: Record<Language, number> = { node: 96 * 1024 * 1024, python: 32 * 1024 * 1024, binary: 8 * 1024 * 1024 };

const megabyte = 1024 * 1024;

/** Where the files of the module lie below its folder, and where a container sees that folder. */
const moduleFolder = 'module';
const inContainer = '/burgeon';

/** What the ending of an entry says; undefined when no program ends so. */
const languageOf = (entry: string): Language | undefined => {
  if (entry.endsWith('.py')) return 'python';
  if (/\.(?:m?js|ts)$/.test(entry)) return 'node';
  return entry.endsWith('.bin') ? 'binary' : undefined;
};

/**
 * Writes a module out as a program. The caller removes the folder when the last process of it is gone.
 * @throws {BurgeonError} MODULE_FAILED when it is no program, DEPENDENCY_MISSING when what runs it is not installed
 */
export const prepare = async (module: VerifiedModule, limits: Limits, container?: Container): Promise<Prepared> => {
  const { id, entry = '' } = module.manifest.extensions[manifestExtension];
  const language = languageOf(entry);
  if (!language || module.file(entry) === undefined)
    throw new BurgeonError('MODULE_FAILED', {
      message: language
        ? `${id} has no file "${entry}", which is its entry.`
        : `${id} begins with "${entry}", which is no program.`,
      hint: 'The entry of a program ends in .py, .ts, .js, .mjs or .bin.',
    });
  const way = await ways[language]({ entry, limits, container });
  const files = (await filesOf(module, entry, language)).map((file) => ({ ...file, path: `${moduleFolder}/${file.path}` }));
  const folder = await privateFolder([...way.beside, ...files], container !== undefined);
  const seen = container ? inContainer : folder.path;
  const bounds = { memoryBytes: baseBytes[language] + limits.hardMemoryBytes, processes: 64, openFiles: 128, fileBytes: 0 };
  const program = { ...way.start(seen, `${seen}/${moduleFolder}`), bounds };
  return { folder, program, mounts: [{ source: folder.path, destination: inContainer }] };
};

/** What a program is started from. */
interface Start {
  entry: string;
  limits: Limits;
  container: Container | undefined;
}

/** How programs of one language are started: what is written beside them, and the command. */
interface Way {
  beside: FolderFile[];
  start(folder: string, module: string): Omit<JailedProgram, 'bounds'>;
}

const ways: Record<Language, (start: Start) => Promise<Way> | Way> = {
  python: async ({ entry, container }) => {
    const { command, read } = container ? { command: inImage(container, 'python3'), read: [] } : await requirePython();
    const shim = readFileSync(fileURLToPath(new URL('./shim/burgeon.py', import.meta.url)));
    return {
      beside: [{ path: 'burgeon.py', content: shim }],
      start: (folder, module) => ({
        command,
        // Nothing of the machine's own packages, no caches written, text as UTF-8 wherever we are.
        args: ['-I', '-S', '-B', '-X', 'utf8', `${folder}/burgeon.py`, module, entry],
        read: [folder, ...read],
      }),
    };
  },
  node: async ({ entry, limits, container }) => {
    const { engine, read } = await insideProgram(new URL('./shim/node.ts', import.meta.url));
    const heap = Math.max(16, Math.ceil(limits.memoryBytes / megabyte));
    const [flags, node] = [['--no-warnings', `--max-old-space-size=${heap}`], { workers: true }];
    if (!container)
      return {
        beside: [],
        start: (folder, module) => ({
          command: process.execPath,
          args: [...flags, engine, module, entry],
          read: [folder, ...read],
          node,
        }),
      };
    const { files, main } = copied(engine, read);
    return {
      beside: files,
      start: (folder, module) => ({
        command: inImage(container, 'node'),
        args: [...flags, `${folder}/${main}`, module, entry],
        read: [],
      }),
    };
  },
  binary: ({ entry }) => ({
    beside: [],
    start: (folder, module) => ({ command: `${module}/${entry}`, args: [], read: [folder] }),
  }),
};

/** @throws {BurgeonError} DEPENDENCY_MISSING when the image has no such command */
const inImage = ({ rootfs }: Container, name: string): string => {
  // A link inside an image leads to a place inside it, so only its own being there counts.
  const found = ['/usr/local/bin', '/usr/bin', '/bin']
    .map((folder) => `${folder}/${name}`)
    .find((path) => lstatSync(join(rootfs, path), { throwIfNoEntry: false }));
  if (found !== undefined) return found;
  throw new BurgeonError('DEPENDENCY_MISSING', {
    message: `The image in ${rootfs} has no ${name}.`,
    hint: `The module needs an image with /usr/bin/${name}.`,
  });
};

/** Files of ours to stand beside a module, with where the first of them is then. */
const copied = (first: string, read: readonly string[]): { files: FolderFile[]; main: string } => {
  const all = read.flatMap((path) =>
    lstatSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name))
      : [path],
  );
  const card = all.find((path) => basename(path) === 'package.json') ?? first;
  const placeOf = (path: string): string => `shim/${relative(dirname(card), path).replaceAll('\\', '/')}`;
  const files = all.filter((path) => lstatSync(path).isFile());
  return { files: files.map((path) => ({ path: placeOf(path), content: readFileSync(path) })), main: placeOf(first) };
};

const isScript = (path: string): boolean => /\.[cm]?[jt]s$/.test(path) && !/\.d\.[cm]?ts$/.test(path);

/** Caches of compiled code are never taken from a bundle: they would run instead of what was read and approved. */
const isCache = (path: string): boolean => /(?:^|\/)__pycache__\/|\.pyc$/.test(path);

const filesOf = async (module: VerifiedModule, entry: string, language: Language): Promise<FolderFile[]> => {
  const all = [...new Set([entry, ...(module.paths ?? [])])].flatMap((path) => {
    const text = isCache(path) ? undefined : module.file(path);
    return text === undefined ? [] : [{ path, text }];
  });
  const scripts = language === 'node' ? await stripTypes(all.filter(({ path }) => isScript(path))) : [];
  const stripped = new Map(scripts.map(({ path, source }) => [path, source]));
  return all.map(({ path, text }) => {
    const source = stripped.get(path);
    return { path, content: source ?? contentOf({ path, text }), ...(isBinary(path) && path === entry ? { runs: true } : {}) };
  });
};
