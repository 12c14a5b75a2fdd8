import type { BundleFile } from '@burgeon/kit';
import semver from 'semver';
import { isObject } from '../../../base/json.ts';
import { type Declarations, type Declared, type DeclaredFault, isVendored, lineOf } from './declared.ts';

const cardName = /(?:^|\/)package\.json$/;
const lockName = /(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/;
const otherLocks = /(?:^|\/)(?:yarn\.lock|pnpm-lock\.yaml|bun\.lockb?)$/;

/** Parts of a package's card that name what it needs to run. */
const needs = ['dependencies', 'optionalDependencies', 'peerDependencies'] as const;

/** Scripts that npm runs by itself when a package is installed. */
const installScripts = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish', 'preprepare', 'postprepare'];

/** One package of a lock file. */
interface Locked {
  name: string;
  version: string;
  integrity: string;
  resolved: string;
  scripts: boolean;
  at: string;
}

/** What the files of npm in a bundle say. */
export const npmDeclarations = (files: readonly BundleFile[]): Declarations => {
  const own = files.filter(({ path }) => !isVendored(path));
  const unread: DeclaredFault[] = [];
  const parse = (file: BundleFile): { file: BundleFile; value: Record<string, unknown> }[] => {
    const value = objectIn(file.text);
    if (value) return [{ file, value }];
    unread.push({ code: 'dependency-unread', at: `${file.path}:1:1`, message: `${file.path} is no JSON object.` });
    return [];
  };
  const locked = own
    .filter(({ path }) => lockName.test(path))
    .flatMap(parse)
    .flatMap(lockedIn);
  const cards = own.filter(({ path }) => cardName.test(path)).flatMap(parse);
  const declared = cards.flatMap(({ file, value }) => declaredIn(file, value, locked));
  const inCards = new Set(declared.flatMap(({ needed }) => needed.map(({ name }) => name)));
  const further = locked.filter(({ name }) => !inCards.has(name));
  return {
    needed: [...declared.flatMap(({ needed }) => needed), ...further.map(neededOf)],
    vendored: files.flatMap(vendoredIn),
    faults: [...unread, ...declared.flatMap(({ faults }) => faults), ...locked.flatMap(lockedFaults), ...own.flatMap(otherLock)],
  };
};

const objectIn = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const otherLock = ({ path }: BundleFile): DeclaredFault[] =>
  otherLocks.test(path)
    ? [
        {
          code: 'dependency-unread',
          at: `${path}:1:1`,
          message: `${path} is not read; of lock files, only package-lock.json is.`,
        },
      ]
    : [];

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Versions 2 and 3 of the lock file; what only tests need is left out. @see https://docs.npmjs.com/cli/configuring-npm/package-lock-json */
const lockedIn = ({ file, value }: { file: BundleFile; value: Record<string, unknown> }): Locked[] => {
  const packages = isObject(value['packages']) ? value['packages'] : {};
  return Object.entries(packages).flatMap(([place, entry]) => {
    const name = place.split('node_modules/').at(-1) ?? '';
    if (name === '' || !isObject(entry) || entry['dev'] === true || entry['link'] === true) return [];
    return [
      {
        name,
        version: textIn(entry['version']),
        integrity: textIn(entry['integrity']),
        resolved: textIn(entry['resolved']),
        scripts: entry['hasInstallScript'] === true,
        at: `${file.path}:${lineOf(file.text, JSON.stringify(place))}:1`,
      },
    ];
  });
};

/** Digests that nobody can find a second text for. */
const isStrong = (integrity: string): boolean =>
  /^sha(?:256|384|512)-[A-Za-z0-9+/]{43,88}={0,2}$/.test(integrity.split(' ')[0] ?? '');

const neededOf = ({ name, version, integrity, at }: Locked): Declared => ({
  ecosystem: 'npm',
  name,
  version: semver.valid(version) === version ? version : undefined,
  at,
  integrity: isStrong(integrity),
});

const lockedFaults = ({ name, resolved, scripts, at }: Locked): DeclaredFault[] => [
  ...(scripts ? [{ code: 'install-script' as const, at, message: `"${name}" runs a script when it is installed.` }] : []),
  ...(resolved === '' || /^https:\/\/[^/]+\/.*\.tgz$/.test(resolved)
    ? []
    : [{ code: 'dependency-foreign' as const, at, message: `"${name}" comes from no registry of packages.` }]),
];

const declaredIn = (
  file: BundleFile,
  card: Record<string, unknown>,
  locked: readonly Locked[],
): Pick<Declarations, 'needed' | 'faults'> => {
  const found: Pick<Declarations, 'needed' | 'faults'> = { needed: [], faults: scriptFaults(file, card) };
  for (const part of needs) {
    const list = isObject(card[part]) ? card[part] : {};
    for (const [name, wanted] of Object.entries(list)) {
      const at = `${file.path}:${lineOf(file.text, JSON.stringify(name))}:1`;
      const fault = faultOf(name, textIn(wanted));
      if (fault) found.faults.push({ ...fault, at });
      const lock = locked.find((each) => each.name === name);
      const version = fault ? lock?.version : textIn(wanted);
      if (lock && !fault && lock.version !== version)
        found.faults.push({
          code: 'dependency-differs',
          at,
          message: `"${name}" is ${version} here and ${lock.version.slice(0, 50)} in the lock file.`,
        });
      found.needed.push({
        ecosystem: 'npm',
        name,
        version: version !== undefined && semver.valid(version) ? version : undefined,
        at,
        integrity: lock !== undefined && isStrong(lock.integrity),
      });
    }
  }
  return found;
};

const faultOf = (name: string, wanted: string): Omit<DeclaredFault, 'at'> | undefined => {
  const said = `"${name.slice(0, 100)}" is wanted as "${wanted.slice(0, 100)}"`;
  if (/[:/]/.test(wanted)) return { code: 'dependency-foreign', message: `${said}, which is no version of a registry.` };
  if (semver.valid(wanted) !== wanted) return { code: 'dependency-range', message: `${said}, which is not one version.` };
  return undefined;
};

const scriptFaults = (file: BundleFile, card: Record<string, unknown>): DeclaredFault[] => {
  const scripts = isObject(card['scripts']) ? card['scripts'] : {};
  return installScripts
    .filter((name) => Object.hasOwn(scripts, name))
    .map((name) => ({
      code: 'install-script',
      at: `${file.path}:${lineOf(file.text, `"${name}"`)}:1`,
      message: `${file.path} has a script "${name}", which runs when it is installed.`,
    }));
};

/** A package that lies in the bundle: `vendor/NAME/package.json`. */
const vendoredIn = (file: BundleFile): Declarations['vendored'] => {
  const [, name] = /(?:^|\/)(?:vendor|node_modules)\/((?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(file.path) ?? [];
  if (name === undefined) return [];
  const version = textIn(objectIn(file.text)?.['version']);
  return [{ name, at: `${file.path}:1:1`, ...(version === '' ? {} : { version }) }];
};
