import { type Manifest, manifestExtension } from '@burgeon/kit';
import type { FileDigest } from '../../security/bundle.ts';

/**
 * The bill of materials of a module: its licence, the modules it needs, and each of its files with its digest. Same module, same bill.
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export const billOf = (manifest: Manifest, files: readonly FileDigest[]): Record<string, unknown> => {
  const { id, dependencies } = manifest.extensions[manifestExtension];
  const needs = Object.entries(dependencies).map(([name, range]) => ({
    type: 'library',
    'bom-ref': `module:${name}`,
    name,
    version: range,
    scope: 'required',
  }));
  const self = `module:${id}@${manifest.version}`;
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'library',
        'bom-ref': self,
        name: id,
        version: manifest.version,
        // An expression of SPDX, or plain words where it is none.
        licenses: [{ license: { name: manifest.license ?? 'not stated' } }],
      },
    },
    components: [
      ...needs,
      ...files.map(({ path, sha256 }) => ({
        type: 'file',
        'bom-ref': `file:${path}`,
        name: path,
        hashes: [{ alg: 'SHA-256', content: sha256 }],
      })),
    ],
    dependencies: [{ ref: self, dependsOn: needs.map((need) => need['bom-ref']) }],
  };
};
