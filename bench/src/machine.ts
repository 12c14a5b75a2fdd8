import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Machine as Where, loadNow, thisMachine } from '../../packages/burgeon/src/measure/machine.ts';

/** The repository. */
export const root: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** This folder with its own packages. */
export const bench: string = join(root, 'bench');

/** Folder of OpenAPI files to measure with, which is not part of the repository: the argument, or the usual place. */
export const corpusFolder = (argument?: string): string => resolve(argument ?? join(root, '..', 'shared', 'corpus', 'openapi'));

/** The command that people type, as a list to start. */
export const burgeon: readonly string[] = [process.execPath, join(root, 'packages', 'burgeon', 'bin', 'burgeon.mjs')];

/** A file of one of this folder's packages. */
export const peerFile = (...path: string[]): string => join(bench, 'node_modules', ...path);

/** What the figures were taken on. `load` is the number of processes that wanted a processor, over the last minute. */
export interface Machine extends Where {
  load: number;
}

/** This machine, now. */
export const machine = (): Machine => ({ ...thisMachine(), load: loadNow() });

/** Says on one line that something is not measured, so that nobody takes silence for success. */
export const skip = (what: string, why: string): void => void process.stdout.write(`SKIPPED ${what}: ${why}\n`);
