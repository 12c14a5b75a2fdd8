import { randomBytes } from 'node:crypto';
import { lstat, mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix, resolve, sep } from 'node:path';
import { BurgeonError, type BundleFile } from '@burgeon/kit';
import { contentOf, sizeOf } from '../../base/binary-file.ts';
import { flag, textOption, type Action } from '../command.ts';
import { usage } from '../fault.ts';
import { findModule, withVersion } from '../module.ts';
import { confirmed } from '../prompt.ts';
import { bold, count, cyan, dim, green, size, table } from '../text.ts';

/** `eject MODULE --target TARGET --out DIR`: writes stand-alone files. */
export const eject: Action = async (invocation) => {
  const { terminal, words } = invocation;
  const reference = words[0] ?? '';
  const [target, out] = [textOption(invocation, 'target'), textOption(invocation, 'out')];
  if (target === undefined)
    throw usage('It is not said what to write.', `burgeon eject ${reference} --target typescript --out ./client`);
  if (out === undefined)
    throw usage('It is not said where to write.', `burgeon eject ${reference} --target ${target} --out ./client`);
  const client = await invocation.open();
  const found = await findModule(client, reference);
  const { files } = (await client.call('ejectModule', { ...withVersion(reference, found), target })) as unknown as {
    files: BundleFile[];
  };
  const folder = resolve(out);
  const taken = await takenPaths(folder, files);
  if (taken.length > 0 && !flag(invocation, 'force')) {
    const question = `${taken.length === 1 ? `${taken[0] ?? ''} is there already` : `${taken.length} files are there already, such as ${taken[0] ?? ''}`}. Overwrite?`;
    if (!(await confirmed(invocation, question)))
      throw usage('Nothing was written.', 'Choose another folder with --out, or add --force.');
  }
  await writeAll(folder, files);
  const paths = files.map(({ path }) => path);
  terminal.result({ files: paths, target, out: folder, module: `${found.id}@${found.version}` }, () =>
    text(files, { id: found.id, target, out }),
  );
};

const text = (files: BundleFile[], { id, target, out }: { id: string; target: string; out: string }): string =>
  [
    `${green('Wrote')} ${count(files.length, 'file')} of ${bold(id)} for ${target} into ${out}`,
    table(files.map((file) => [cyan(file.path), dim(size(sizeOf(file)))])),
    '',
    'They need no Burgeon.',
  ].join('\n');

/** Judges every path and gives those that exist. @throws {BurgeonError} NAME_INVALID when one leads outside */
const takenPaths = async (folder: string, files: readonly BundleFile[]): Promise<string[]> => {
  const taken: string[] = [];
  for (const { path } of files) {
    const normal = posix.normalize(path);
    if (path === '' || normal !== path || /^(\/|\.\.(\/|$)|[A-Za-z]:)|[\\\0]/.test(path)) throw outside(path, folder);
    if (await lstat(join(folder, path)).catch(() => undefined)) taken.push(path);
  }
  return taken;
};

const outside = (path: string, folder: string): BurgeonError =>
  new BurgeonError('NAME_INVALID', {
    message: `The file ${JSON.stringify(path)} would be written outside ${folder}.`,
    hint: 'Report the target that wrote it; nothing was written.',
  });

/** All files are written beside their places first and then renamed, so that a failure leaves the folder as it was. */
const writeAll = async (folder: string, files: readonly BundleFile[]): Promise<void> => {
  const mark = `.${randomBytes(4).toString('hex')}.burgeon-tmp`;
  const written: { from: string; to: string }[] = [];
  try {
    await mkdir(folder, { recursive: true });
    const root = await realpath(folder);
    for (const file of files) {
      const to = join(folder, file.path);
      await mkdir(dirname(to), { recursive: true });
      // A link inside the folder must not lead the file out of it.
      const parent = await realpath(dirname(to));
      if (parent !== root && !parent.startsWith(root + sep)) throw outside(file.path, folder);
      await writeFile(to + mark, contentOf(file), { flag: 'wx' });
      written.push({ from: to + mark, to });
    }
    for (const { from, to } of written) await rename(from, to);
  } catch (error) {
    for (const { from } of written) await rm(from, { force: true });
    if (BurgeonError.is(error)) throw error;
    throw new BurgeonError('HOME_UNWRITABLE', {
      message: `${folder} cannot be written: ${(error as Error).message}.`,
      hint: 'Choose another folder with --out.',
      cause: error,
    });
  }
};
