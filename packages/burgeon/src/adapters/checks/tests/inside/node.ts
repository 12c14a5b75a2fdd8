/** Runs one test file of a module by node:test, behind walls: `node THIS FOLDER FILE POWERS`. Its standard output is one JSON document. */
import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { run } from 'node:test';
import { lcov, tap } from 'node:test/reporters';

const [folder = '', file = '', powers = '{}'] = process.argv.slice(2);

/** A power of a module under test: time and chance are harmless, nothing else is given. */
const power = (kind: string): string => `
const given = {
  clock: { now: async () => Date.now(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
  random: { number: async () => Math.random(), bytes: async (count) => Buffer.from(crypto.getRandomValues(new Uint8Array(count))).toString('base64') },
};
const kind = ${JSON.stringify(kind)};
const denied = (method) => async () => {
  throw Object.assign(new Error('A test gives no ' + kind + '.' + String(method) + '.'), { code: 'CAPABILITY_DENIED' });
};
export default given[kind] ?? new Proxy({}, { get: (_, method) => (method === 'then' ? undefined : denied(method)) });`;

const names = JSON.parse(powers) as Record<string, { kind: string; name: string }>;

registerHooks({
  resolve: (specifier, context, next) => {
    if (!Object.hasOwn(names, specifier)) return next(specifier, context);
    return { url: specifier, format: 'module', importAttributes: {}, shortCircuit: true };
  },
  load: (url, context, next) => {
    const found = Object.hasOwn(names, url) ? names[url] : undefined;
    if (!found) return next(url, context);
    return {
      format: 'module',
      source: power(found.kind).replace('export default', `export const ${found.name} =`),
      shortCircuit: true,
    };
  },
});

// What a module prints is not what its tests say.
const silent = ((_chunk: unknown, encoding?: unknown, done?: unknown): boolean => {
  const told = [encoding, done].find((each) => typeof each === 'function') as (() => void) | undefined;
  told?.();
  return true;
}) as typeof process.stdout.write;
process.stdout.write = silent;

const events = run({
  files: [join(folder, file)],
  cwd: folder,
  isolation: 'none',
  concurrency: false,
  coverage: true,
  coverageExcludeGlobs: [
    '**/*.test.*',
    '**/*.spec.*',
    '**/test/**',
    '**/tests/**',
    '**/__tests__/**',
    '**/vendor/**',
    '**/stub/**',
  ],
} as Parameters<typeof run>[0]);

const texts = { tap: '', lcov: '' };
const take = async (name: keyof typeof texts, stream: AsyncIterable<unknown>): Promise<void> => {
  for await (const piece of stream) texts[name] += String(piece);
};
await Promise.all([take('tap', events.compose(tap)), take('lcov', events.compose(new lcov()))]);

const bytes = Buffer.from(JSON.stringify(texts));
for (let at = 0; at < bytes.length;) {
  try {
    at += writeSync(1, bytes, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}
process.exit(0);
