import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JsonObject, JsonValue } from '@burgeon/kit';
import { root } from './machine.ts';

/** A client as `eject` writes it. */
export interface EjectedClient {
  call(id: string, input: JsonObject): Promise<{ output: JsonValue; stream?: AsyncIterable<JsonValue> }>;
}

/** Loads a client that was written into a folder, for a server at `baseUrl`. It does not try again. */
export const loadEjected = async (out: string, baseUrl: string): Promise<EjectedClient> => {
  const { createClient } = (await import(pathToFileURL(join(out, 'runtime', 'client.ts')).href)) as {
    createClient(options: object): EjectedClient;
  };
  const { operations, schemes } = (await import(pathToFileURL(join(out, 'operations.ts')).href)) as {
    operations: object;
    schemes?: object;
  };
  return createClient({
    operations,
    schemes: schemes ?? {},
    baseUrl,
    bytes: 'base64',
    auth: () => 'bench:bench',
    retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1, totalMs: 10_000 },
  });
};

/** Writes files below a folder. */
export const writeFiles = (out: string, files: { path: string; text: string }[]): void => {
  for (const { path, text } of files) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), text);
  }
};

/** Whether strict `tsc` accepts what was written, by the `tsconfig.json` that came with it, with nothing relaxed. */
export const compiles = (out: string): boolean => {
  try {
    const flags = [
      '--strict',
      '--skipLibCheck',
      'false',
      '--exactOptionalPropertyTypes',
      '--noUncheckedIndexedAccess',
      '--noEmit',
    ];
    execFileSync(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', out, ...flags], {
      encoding: 'utf8',
    });
    return true;
  } catch (error) {
    process.stdout.write(`  ${basename(out)} does not compile: ${String((error as { stdout?: string }).stdout).slice(0, 300)}\n`);
    return false;
  }
};
