/**
 * Makes `import ... from "burgeon:namespace/name"` and `require(...)` work: `node --import burgeon/register app.ts`.
 * @see https://nodejs.org/api/module.html#moduleregisterhooksoptions
 */
import { registerHooks } from 'node:module';
import { resolve as resolvePath } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BurgeonError } from '@burgeon/kit';
import { addFromList } from './auto.ts';
import { importMode, resolveModule, type ImportPlace } from './resolve.ts';

const scheme = 'burgeon:';
const runtimeSpecifier = 'burgeon:runtime';

const home = resolvePath(process.env['BURGEON_HOME'] ?? '.burgeon');
const folder = process.cwd();
const place: ImportPlace = {
  home,
  folder,
  mode: importMode(process.env),
  add: (id) => addFromList(id, { home, folder }),
};

/** Stub address -> the module and version it was resolved to: what its own import of the runtime is bound to. */
const stubs = new Map<string, { id: string; version: string }>();

registerHooks({
  resolve: (specifier, context, nextResolve) => {
    if (!specifier.startsWith(scheme)) return nextResolve(specifier, context);
    if (specifier === runtimeSpecifier)
      return { url: framelessly(() => runtimeUrl(context.parentURL)), format: 'module', shortCircuit: true };
    const { id, version, file } = framelessly(() => resolveModule(specifier, place));
    const url = pathToFileURL(file).href;
    stubs.set(url, { id, version });
    return { url, format: 'module-typescript', shortCircuit: true };
  },
  load: (url, context, nextLoad) => {
    if (!url.startsWith(`${runtimeSpecifier}?`)) return nextLoad(url, context);
    const { searchParams } = new URL(url);
    return {
      format: 'module',
      source: runtimeSource(searchParams.get('id') ?? '', searchParams.get('version') ?? ''),
      shortCircuit: true,
    };
  },
});

/** The frames of an import that fails are all of Node and this file; what to do is worth more in their place. */
const framelessly = <T>(work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (BurgeonError.is(error)) error.stack = `${error.name} ${error.code}: ${error.message}\n    ${error.hint ?? ''}`.trimEnd();
    throw error;
  }
};

const runtimeUrl = (parent: string | undefined): string => {
  const stub = stubs.get(parent ?? '');
  if (stub) return `${runtimeSpecifier}?${new URLSearchParams({ id: stub.id, version: stub.version }).toString()}`;
  throw new BurgeonError('CAPABILITY_DENIED', {
    message: `"${runtimeSpecifier}" is for the stubs that Burgeon writes${parent === undefined ? '' : `, not for ${parent.startsWith('file:') ? fileURLToPath(parent) : parent}`}.`,
    hint: 'Import a module instead, like "burgeon:api/petstore".',
  });
};

const runtimeSource = (id: string, version: string): string => {
  const runtime = new URL('./runtime.ts', import.meta.url).href;
  return [
    `import { bindModule } from ${JSON.stringify(runtime)};`,
    `export const { call, stream, pages } = bindModule(${JSON.stringify({ home, id, version })});`,
  ].join('\n');
};
