import { type Interface, type VerifiedModule, manifestExtension } from '@burgeon/kit';
import type { Attack, Language } from './case.ts';

const entries: Readonly<Record<Language, string>> = {
  javascript: 'index.js',
  node: 'index.mjs',
  python: 'index.py',
  wasm: 'index.wasm',
  runner: 'index.js',
};

/** A program to be packed: a hostile one, or an innocent one beside it. */
export type Program = Pick<Attack, 'language' | 'source' | 'files' | 'entry'>;

/** Operations are said to only read, so that a host may repeat one that was lost with a neighbour's process. */
const description = {
  operations: [{ id: 'run', effect: 'read', idempotent: true, input: { type: 'object' }, output: true }],
} as unknown as Interface;

/** Packs a program as a verified module; `asked` is told which files the host reads. */
export const bundleOf = (
  program: Program,
  { id, host, asked }: { id: string; host: string; asked: string[] },
): VerifiedModule => {
  const entry = program.entry ?? entries[program.language];
  let main: string | undefined;
  return {
    manifest: {
      extensions: { [manifestExtension]: { id, host, kind: 'code', entry, state: { version: 1 }, capabilities: [] } },
    } as unknown as VerifiedModule['manifest'],
    interface: description,
    digest: id,
    paths: [entry, ...Object.keys(program.files ?? {})],
    file: (path) => {
      asked.push(path);
      if (path === entry) return (main ??= typeof program.source === 'string' ? program.source : program.source());
      return Object.hasOwn(program.files ?? {}, path) ? program.files?.[path] : undefined;
    },
  };
};
