import { type Manifest, manifestExtension } from '@burgeon/kit';
import { isObject } from '../../base/json.ts';
import { packageInvalid, shown } from './invalid.ts';

/** All that a package.json of ours says. Nothing in it makes any tool run or fetch anything. */
const words = ['description', 'keywords', 'homepage', 'repository', 'license', 'author'] as const;

const allowed = new Set<string>(['name', 'version', 'type', 'files', 'private', ...words]);

/** The package.json of a module, for tools and registries that speak npm's format. */
export const packageCard = (manifest: Manifest): Record<string, unknown> => ({
  name: manifest.name,
  version: manifest.version,
  ...Object.fromEntries(words.flatMap((word) => (manifest[word] === undefined ? [] : [[word, manifest[word]]]))),
  type: 'module',
});

/**
 * Judges a package.json: that of the module, with nothing that tools would run, install or fetch.
 * @throws {BurgeonError} PACKAGE_INVALID naming the field
 */
export const judgePackageCard = (value: unknown, manifest: Manifest): void => {
  if (!isObject(value)) throw packageInvalid('package.json', 'Its package.json is no object.', 'package.json');
  const stray = Object.keys(value).find((key) => !allowed.has(key));
  if (stray !== undefined)
    throw packageInvalid(
      'package.json',
      `Its package.json says ${shown(stray)}, which no package of a module does.`,
      `package.json#/${stray}`,
    );
  const { name, version } = packageCard(manifest);
  if (value['name'] !== name || value['version'] !== version)
    throw packageInvalid(
      'package.json',
      `Its package.json is that of another module than ${manifest.extensions[manifestExtension].id}.`,
      'package.json',
    );
};
