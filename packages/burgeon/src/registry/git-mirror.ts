import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BurgeonError, type Logger } from '@burgeon/kit';
import { contentOf } from '../base/binary-file.ts';
import { createSerial } from '../security/serial.ts';
import { readStatement } from '../security/sign.ts';
import { attestedIn } from './attestation.ts';
import { inspect } from './inspect.ts';
import { type VersionRecord, keyOf } from './records.ts';
import type { Registry } from './registry.ts';

/** The sources of every released version as commits of a git repository, for people and their tools. */
export interface GitMirror {
  /** Brings the repository up to date in the background; what cannot be done is told in the log and made up for later. */
  follow(): void;
  /** Resolves when nothing goes on. */
  close(): Promise<void>;
}

/** What the mirror works with. */
export interface GitMirrorParts {
  registry: Registry;
  /** Folder of the bare repository; undefined while none is wanted. */
  folder(): string | undefined;
  log: Logger;
}

/** Makes the mirror. What was mirrored is read off the tags of the repository, so nothing is lost or done twice. */
export const createGitMirror = (parts: GitMirrorParts): GitMirror => {
  const inTurn = createSerial();
  let going: Promise<unknown> = Promise.resolve();
  return {
    follow: () => {
      const folder = parts.folder();
      if (folder === undefined) return;
      going = inTurn(() => catchUp(parts, folder)).catch((error: unknown) => {
        const { message } = BurgeonError.from(error);
        parts.log.warn('The git repository could not be brought up to date; it will be with the next change.', {
          folder,
          message,
        });
      });
    },
    close: async () => void (await going),
  };
};

const catchUp = async ({ registry, log }: GitMirrorParts, folder: string): Promise<void> => {
  await openRepository(folder);
  const tags = new Set((await git(folder, ['tag', '--list'])).split('\n'));
  const missing: VersionRecord[] = [];
  for (const { id } of await registry.list()) {
    const released = (await registry.versions(id)).filter(({ signature }) => signature !== undefined);
    missing.push(...released.filter((version) => !tags.has(tagOf(version))));
  }
  if (missing.length === 0) return;
  missing.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  const hasHead = await git(folder, ['rev-parse', '--verify', '--quiet', branch]).then(
    () => true,
    () => false,
  );
  const stream: Buffer[] = [Buffer.from('feature done\n')];
  for (const [index, record] of missing.entries()) {
    const from = index > 0 ? `:${index}` : hasHead ? `${branch}^0` : undefined;
    stream.push(await commitOf(registry, record, { mark: index + 1, from, log }));
  }
  stream.push(Buffer.from('done\n'));
  // One process takes them all in; the refs move when everything is there.
  await git(folder, ['fast-import', '--quiet', '--date-format=raw'], Buffer.concat(stream));
};

const branch = 'refs/heads/main';

/** Names of refs may not end like a lock. @see git-check-ref-format(1) */
const tagOf = (record: VersionRecord): string => keyOf(record).replace(/\.lock$/, '.lock_');

const openRepository = async (folder: string): Promise<void> => {
  if (await stat(join(folder, 'HEAD')).catch(() => undefined)) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await git(folder, ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', folder]);
};

interface Place {
  mark: number;
  from: string | undefined;
  log: Logger;
}

/** One version as `git fast-import` reads it: the folder of its module is emptied and filled again. */
const commitOf = async (registry: Registry, record: VersionRecord, { mark, from, log }: Place): Promise<Buffer> => {
  const statement = readStatement(record.signature);
  const releasedAt = (statement && attestedIn(statement, keyOf(record)))?.releasedAt ?? record.createdAt;
  const key = record.signature?.signatures[0]?.keyid ?? '';
  const who = `owner <${key}@burgeon.invalid> ${Math.floor(Date.parse(releasedAt) / 1_000)} +0000`;
  const facts = [
    ['Request', record.request],
    ['Run', record.run],
    ['Key', key],
    ['Digest', record.digest],
    ['Publisher', record.publication && `${record.publication.name} (${record.publication.key})`],
  ].flatMap(([name, value]) => (value ? [`${name}: ${value}`] : []));
  const { candidate } = await inspect(registry, record);
  const files = candidate.files.filter(({ path }) => {
    const fits = !isOfGit(path);
    if (!fits) log.warn('A file was left out of the git repository: its name means something to git.', { path });
    return fits;
  });
  const parts = [
    `commit ${branch}\nmark :${mark}\nauthor ${who}\ncommitter ${who}\n`,
    data(`${record.id} ${record.version}\n\n${facts.join('\n')}\n`),
    ...(from === undefined ? [] : [`from ${from}\n`]),
    `D ${quoted(record.id)}\n`,
    ...files.flatMap((file) => [`M 100644 inline ${quoted(`${record.id}/${file.path}`)}\n`, data(contentOf(file))]),
    `\nreset refs/tags/${tagOf(record)}\nfrom :${mark}\n\n`,
  ];
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
};

const data = (content: string | Buffer): Buffer => {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')]);
};

/** A path as a C string. @see git-fast-import(1), "<path>" */
const quoted = (path: string): string =>
  `"${[...Buffer.from(path)].map((byte) => (byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`)).join('')}"`;

/** Names that git gives a meaning, on any system and however they are written: `.git`, `.GIT`, `git~1`, `.gitattributes`, ... */
const isOfGit = (path: string): boolean =>
  path
    .normalize('NFKC')
    .replaceAll(/[\p{Cf}\p{Cc}]/gu, '')
    .split('/')
    .some((part) => /^(?:\.git|git~)/i.test(part));

/** Neither hooks nor settings nor helpers of whoever runs this, nor of the repository, have a say. */
const settings = ['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'gc.auto=0', 'maintenance.auto=false'];

const environment = (folder: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  GIT_DIR: folder,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ATTR_NOSYSTEM: '1',
  LC_ALL: 'C',
});

const deadlineMs = 60_000;

const git = (folder: string, words: readonly string[], input?: Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    const child: ChildProcess = spawn('git', [...settings.flatMap((each) => ['-c', each]), ...words], {
      env: environment(folder),
      cwd: folder,
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: deadlineMs,
    });
    const said: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name]?.on('data', (chunk) => {
        said[name] = (said[name] + String(chunk)).slice(0, 4 << 20);
      });
    const fail = (message: string): void =>
      reject(
        new BurgeonError('DEPENDENCY_MISSING', {
          message,
          hint: 'Install git; what is missing is made up for with the next change.',
        }),
      );
    child.on('error', (error) => fail(`git cannot be started: ${error.message}.`));
    child.on('close', (code) =>
      code === 0 ? resolve(said.stdout) : fail(`git ${words[0] ?? ''} ended with ${code}: ${said.stderr.trim().slice(0, 500)}`),
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
