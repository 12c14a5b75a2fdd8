import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BurgeonError, type Interface, type JsonObject } from '@burgeon/kit';
import { typescript } from '../../packages/burgeon/src/adapters/targets/typescript/index.ts';
import type { Burgeon } from '../../packages/burgeon/src/burgeon.ts';
import { agreement, type Agreement } from './agreement.ts';
import { type Expected, shortName } from './corpus-files.ts';
import { loadEjected, writeFiles } from './ejected-client.ts';
import { exercise, noExercise, type Exercise } from './exercise.ts';
import { readText } from './reading.ts';
import { median } from './statistics.ts';
import { serveTools, type Tools } from './tools.ts';

/** What came of one file. Times in milliseconds. */
export interface Outcome extends Exercise {
  file: string;
  malformed: boolean;
  expected: number;
  operations: number;
  /** Why there is no module: code, message. */
  refused?: string;
  diagnostics: number;
  /** Diagnostics without a reason. */
  unexplained: number;
  addMs: number;
  warmMs: number;
  /** Lines of the ejected client, and how often they say `any`. */
  lines: number;
  anys: number;
  /** Comments that hide an error from the compiler. */
  suppressions: number;
  agreement: Agreement;
  tools: Tools;
}

const nothingYet = (file: string, { operations, malformed }: Expected): Outcome => ({
  file,
  malformed,
  expected: operations,
  operations: 0,
  diagnostics: 0,
  unexplained: 0,
  addMs: 0,
  warmMs: 0,
  lines: 0,
  anys: 0,
  suppressions: 0,
  ...noExercise(),
  agreement: { pairs: 0, agreeing: 0, failures: [] },
  tools: { served: false, tools: 0, badSchemas: 0, duplicates: 0, longNames: 0 },
});

/** Describing and writing in a process that has done it before. */
const warmMs = async (path: string): Promise<number> => {
  const text = readFileSync(path, 'utf8');
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const begun = performance.now();
    await typescript.write(await readText(path, text), { module: 'api/x', version: '1.0.0', form: 'standalone' });
    times.push(performance.now() - begun);
  }
  return median(times);
};

/** Takes one file through `add`; false when it is refused. */
const add = async (burgeon: Burgeon, { path, name }: { path: string; name: string }, outcome: Outcome): Promise<boolean> => {
  const begun = performance.now();
  try {
    const added = (await burgeon.management.call('addModule', { what: path, name })).output as JsonObject;
    outcome.addMs = performance.now() - begun;
    outcome.operations = added['operations'] as number;
    const diagnostics = added['diagnostics'] as { message: string; path: string }[];
    outcome.diagnostics = diagnostics.length;
    outcome.unexplained = diagnostics.filter(({ message }) => message === '').length;
    return true;
  } catch (error) {
    const { code, message } = BurgeonError.from(error);
    outcome.addMs = performance.now() - begun;
    outcome.refused = `${code}: ${message}`;
    return false;
  }
};

/** Takes one file through all of Burgeon: `add`, `eject` into `out`, the client against the mirror, MCP. */
export const takeThrough = async (
  burgeon: Burgeon,
  { folder, file, out }: { folder: string; file: string; out: string },
  expected: Expected,
): Promise<Outcome> => {
  const outcome = nothingYet(file, expected);
  const path = join(folder, file);
  const name = shortName(file);
  if (!(await add(burgeon, { path, name }, outcome))) return outcome;
  outcome.warmMs = await warmMs(path);
  const description = (await burgeon.management.call('describe', { what: path, name })).output as unknown as Interface;
  const ejected = (await burgeon.management.call('ejectModule', { namespace: 'api', name, target: 'typescript' }))
    .output as JsonObject;
  const files = ejected['files'] as { path: string; text: string }[];
  writeFiles(out, files);
  const code = files.filter((each) => each.path.endsWith('.ts')).map((each) => each.text);
  outcome.lines = code.join('').split('\n').length;
  outcome.anys = code.join('').match(/(?::\s*any\b|\bas any\b|<any>)/g)?.length ?? 0;
  outcome.suppressions = code.join('').match(/@ts-(?:ignore|nocheck|expect-error)/g)?.length ?? 0;
  if (description.operations.length > 0) {
    const mirror = await burgeon.standUp({ what: `api/${name}`, validation: 'enforce' });
    const client = await loadEjected(out, mirror.url);
    Object.assign(outcome, await exercise(description, client));
    outcome.agreement = await agreement(description, (id, input) => client.call(id, input));
    await mirror.close();
  }
  outcome.tools = await serveTools(description);
  return outcome;
};
