import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JsonObject } from '@burgeon/kit';
import { readServerFile } from '../../base/home.ts';
import { version } from '../../base/version.ts';
import { wallsHere } from '../../walls/jail/choose.ts';
import type { Action } from '../command.ts';
import { bold, dim, green, red, table, yellow } from '../text.ts';

/** One thing that was looked at. */
interface Finding extends JsonObject {
  name: string;
  state: 'good' | 'note' | 'bad';
  value: string;
  /** What to do; empty when nothing needs doing. */
  hint: string;
}

const libraries: Record<string, string> = {
  'isolated-vm': 'runs code modules in an isolate',
  pg: 'PostgreSQL',
  mysql2: 'MySQL and MariaDB',
};

/** `doctor`: looks at everything Burgeon stands on. Ends with 1 when something is bad. Opens no store. */
export const doctor: Action = async ({ terminal, home }) => {
  const findings = [
    nodeFinding(),
    platformFinding(),
    ...(await Promise.all(Object.keys(libraries).map(libraryFinding))),
    await homeFinding(home),
  ];
  const all = [...findings, await wallFinding()];
  const ok = all.every(({ state }) => state !== 'bad');
  terminal.result({ ok, version, findings: all }, () => text(all));
  return ok ? 0 : 1;
};

const signs = { good: green('\u2713'), note: yellow('\u2022'), bad: red('\u2717') } as const;

const text = (findings: Finding[]): string =>
  [
    `${bold('burgeon')} ${version}`,
    table(findings.map(({ name, state, value, hint }) => [signs[state], name, value, dim(hint)])),
  ].join('\n');

const nodeFinding = (): Finding => {
  const good = Number.parseInt(process.versions.node, 10) >= 24;
  return {
    name: 'Node',
    state: good ? 'good' : 'bad',
    value: process.versions.node,
    hint: good ? '' : 'Install Node 24 or newer.',
  };
};

const platformFinding = (): Finding => ({
  name: 'platform',
  state: 'good',
  value: `${process.platform} ${process.arch}`,
  hint: '',
});

const libraryFinding = async (name: string): Promise<Finding> => {
  const installed = await Promise.resolve()
    .then(() => import.meta.resolve(name))
    .then(
      () => true,
      () => false,
    );
  const use = libraries[name] ?? '';
  return installed
    ? { name, state: 'good', value: 'installed', hint: use }
    : { name, state: 'note', value: 'not installed', hint: `${use}: npm install ${name}` };
};

const homeFinding = async (home: string): Promise<Finding> => {
  const found = await stat(home).catch(() => undefined);
  if (!found) return madeOnFirstUse(home);
  if (!found.isDirectory())
    return { name: 'home', state: 'bad', value: home, hint: 'It is a file. Choose another directory with --home.' };
  const writable = await isWritable(home);
  if (!writable)
    return {
      name: 'home',
      state: 'bad',
      value: home,
      hint: 'It cannot be written. Change its owner or choose another with --home.',
    };
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    return { name: 'home', state: 'note', value: home, hint: `Others may look inside: chmod 700 ${home}` };
  }
  const server = await readServerFile(home);
  return {
    name: 'home',
    state: 'good',
    value: home,
    hint: server ? `served at ${server.url} by process ${server.pid}` : 'no server',
  };
};

const madeOnFirstUse = async (home: string): Promise<Finding> => {
  let parent = dirname(home);
  while (!(await stat(parent).catch(() => undefined)) && parent !== dirname(parent)) parent = dirname(parent);
  return (await isWritable(parent))
    ? { name: 'home', state: 'good', value: home, hint: 'made on first use' }
    : { name: 'home', state: 'bad', value: home, hint: `${parent} cannot be written. Choose another with --home.` };
};

const isWritable = (path: string): Promise<boolean> =>
  access(path, constants.W_OK).then(
    () => true,
    () => false,
  );

const wallFinding = async (): Promise<Finding> => {
  const { driver, missing, text: hint } = await wallsHere();
  return { name: 'walls', state: missing.length === 0 ? 'good' : 'note', value: driver, hint };
};
