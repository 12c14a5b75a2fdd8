// Builds each public package in a staging folder, .pack/<name>, and packs it there; the working tree stays as it is.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const staging = join(root, '.pack');
const order = ['kit', 'burgeon'];
const notPublished = /\.(test|examples)\.ts$|[\\/]fixtures([\\/]|$)/;

rmSync(staging, { recursive: true, force: true });
for (const name of order) {
  const from = join(root, 'packages', name);
  const to = join(staging, name);
  mkdirSync(to, { recursive: true });
  compile(name, from, to);
  copyData(join(from, 'src'), join(to, 'dist'));
  for (const folder of ['bin', 'schemas'])
    if (existsSync(join(from, folder))) cpSync(join(from, folder), join(to, folder), { recursive: true });
  cpSync(join(root, 'LICENSE'), join(to, 'LICENSE'));
  const readme = [join(from, 'README.md'), join(root, 'README.md')].find((path) => existsSync(path));
  if (readme) cpSync(readme, join(to, 'README.md'));
  writeFileSync(join(to, 'package.json'), `${JSON.stringify(publishedCard(from, to), null, 2)}\n`);
  const file = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', staging], {
    cwd: to,
    encoding: 'utf8',
  });
  console.log(join('.pack', file.trim()));
}

/** Emits JavaScript and types; other workspaces are known by the types that they publish, not by their sources. */
function compile(name, from, to) {
  const paths = {};
  for (const other of order.slice(0, order.indexOf(name))) {
    const { name: id, exports } = JSON.parse(readFileSync(join(staging, other, 'package.json'), 'utf8'));
    for (const [key, target] of Object.entries(exports))
      if (target.types) paths[id + key.slice(1)] = [join(staging, other, target.types)];
  }
  const project = {
    extends: join(from, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      rootDir: join(from, 'src'),
      outDir: join(to, 'dist'),
      paths,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: [join(from, 'src')],
    exclude: ['test', 'examples'].map((kind) => join(from, `src/**/*.${kind}.ts`)).concat(join(from, 'src/**/fixtures/**')),
  };
  const file = join(staging, `tsconfig.${name}.json`);
  writeFileSync(file, JSON.stringify(project, null, 2));
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', file], { stdio: 'inherit' });
  rewriteWorkers(join(to, 'dist'));
}

/** The compiler rewrites imports, but not the address of a worker: new URL('./x.ts', import.meta.url). */
function rewriteWorkers(folder) {
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.js')) continue;
    const text = readFileSync(join(folder, path), 'utf8');
    const rewritten = text.replace(/((?:new URL|import\.meta\.resolve)\(\s*(['"`])\.[^'"`]*)\.ts\2/g, '$1.js$2');
    if (rewritten !== text) writeFileSync(join(folder, path), rewritten);
  }
}

/**
 * Copies what is not compiled: word lists, templates, catalogues, and the text of the client runtimes, which the `typescript` target writes into
 * stand-alone clients.
 */
function copyData(from, to) {
  const runtime = /[\\/]bindings[\\/]\w+[\\/]runtime[\\/]/;
  for (const path of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const source = join(path.parentPath, path.name);
    if (!path.isFile() || notPublished.test(source) || (source.endsWith('.ts') && !runtime.test(source))) continue;
    const target = join(to, source.slice(from.length));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(source, target);
  }
}

/** The card as it is published: entries in dist, types beside them, nothing that only the workspace needs. */
function publishedCard(from, to) {
  const { devDependencies: _, private: __, ...card } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  for (const [key, target] of Object.entries(card.exports)) {
    const built = target.replace(/^\.\/src\/(.*)\.ts$/, './dist/$1');
    if (built === target) continue;
    if (!existsSync(join(to, `${built}.js`))) console.warn(`${card.name}: the entry "${key}" has no source yet`);
    card.exports[key] = { types: `${built}.d.ts`, default: `${built}.js` };
  }
  const files = ['dist', 'bin', 'schemas', 'README.md', 'LICENSE'].filter((name) => existsSync(join(to, name)));
  return { ...card, files };
}
