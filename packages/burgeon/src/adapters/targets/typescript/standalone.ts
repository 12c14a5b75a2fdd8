/** The stand-alone package: a client that needs nothing but its platform. */
import { BurgeonError, type BundleFile, type Interface, type TargetOptions } from '@burgeon/kit';
import { kebabOf } from '../../../interface/naming.ts';
import { type ClientFiles, isBoundTo } from './pieces.ts';
import { readmeFile } from './readme.ts';
import { httpClient } from './standalone-http.ts';
import { sqlClient } from './standalone-sql.ts';

const packageFile = (description: Interface, options: TargetOptions): string =>
  `${JSON.stringify(
    {
      name: kebabOf(options.module.split('/').at(-1) ?? description.name),
      version: options.version,
      description: `Client of ${(description.title ?? description.name).slice(0, 200)}`,
      type: 'module',
      engines: { node: '>=20' },
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
      files: ['dist'],
      scripts: { build: 'tsc', prepack: 'npm run build' },
      devDependencies: { typescript: '^7.0.2' },
    },
    null,
    2,
  )}\n`;

const compilerFile = `${JSON.stringify(
  {
    compilerOptions: {
      target: 'es2023',
      lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'],
      types: [],
      module: 'nodenext',
      moduleResolution: 'nodenext',
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      isolatedModules: true,
      verbatimModuleSyntax: true,
      erasableSyntaxOnly: true,
      rewriteRelativeImportExtensions: true,
      skipLibCheck: false,
      declaration: true,
      rootDir: '.',
      outDir: 'dist',
    },
    include: ['*.ts', 'runtime/*.ts'],
  },
  null,
  2,
)}\n`;

const refusal = (description: Interface): BurgeonError => {
  const protocols = [...new Set(description.operations.flatMap(({ bindings }) => Object.keys(bindings)))].toSorted();
  return new BurgeonError('UNSUPPORTED', {
    message: `There is no stand-alone client for what is reached over ${protocols.join(' and ') || 'no protocol'}.`,
    hint: 'Import the module instead (import "burgeon:..."), or serve it with "burgeon serve" and eject from that description.',
    data: { protocols },
  });
};

/** The part that knows the protocol; an interface without operations is served as one over HTTP. */
const clientOf = (description: Interface): Promise<ClientFiles> => {
  if (isBoundTo(description, 'http')) return httpClient(description);
  if (isBoundTo(description, 'sql')) return sqlClient(description);
  throw refusal(description);
};

/**
 * Files of the stand-alone package.
 * @throws {BurgeonError} UNSUPPORTED when the operations are reached over anything but HTTP or SQL
 */
export const standaloneFiles = async (description: Interface, options: TargetOptions): Promise<BundleFile[]> => {
  const client = await clientOf(description);
  const files = [
    { path: 'README.md', text: readmeFile(description, options, client) },
    { path: 'package.json', text: packageFile(description, options) },
    { path: 'tsconfig.json', text: compilerFile },
    ...client.files,
  ];
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
};
