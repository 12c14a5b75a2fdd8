import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { JsonObject } from '@burgeon/kit';
import type { CheckVerdict } from '../../pipeline/check.ts';
import type { Trial } from '../../pipeline/trial-result.ts';
import { flag, type Action, type Invocation } from '../command.ts';
import { usage } from '../fault.ts';
import { findModule, withVersion } from '../module.ts';
import { junit, sarif } from '../reports.ts';
import { bold, dim, green, red, span, table } from '../text.ts';
import { findings } from './describe.ts';

/** `check MODULE|DIR`: runs every check over a stored module, or over a folder that holds one. Ends with 1 when one finds an error. */
export const check: Action = async (invocation) => {
  const { terminal, words } = invocation;
  const reference = words[0] ?? '';
  if (flag(invocation, 'sarif') && flag(invocation, 'junit'))
    throw usage('There is one document on standard output.', 'Choose --sarif or --junit.');
  const judged = (await isFolder(reference)) ? await checkFolder(reference) : await checkStored(invocation, reference);
  const { id, ok, checks } = judged;
  const result = { ok, checks } as unknown as JsonObject;
  if (flag(invocation, 'sarif')) terminal.result(sarif(id, checks), () => JSON.stringify(sarif(id, checks), null, 2));
  else if (flag(invocation, 'junit')) terminal.line(junit(id, checks), () => junit(id, checks));
  else terminal.result(result, () => checksText(id, checks, terminal.columns));
  return ok ? 0 : 1;
};

interface Judged {
  id: string;
  ok: boolean;
  checks: CheckVerdict[];
}

const checkStored = async (invocation: Invocation, reference: string): Promise<Judged> => {
  const client = await invocation.open();
  const found = await findModule(client, reference);
  const result = (await client.call('checkModule', withVersion(reference, found))) as unknown as Omit<Judged, 'id'>;
  return { ...result, id: `${found.id}@${found.version}` };
};

/** A folder is judged without a home: nothing of it is stored. */
const checkFolder = async (path: string): Promise<Judged> => {
  const [{ readCandidate }, { check: judge }, { checks: adapters }] = await Promise.all([
    import('../folder.ts'),
    import('../../pipeline/check.ts'),
    import('../../adapters/checks/index.ts'),
  ]);
  const checks = await judge(adapters, await readCandidate(resolve(path)));
  return { id: path, ok: checks.every(({ ok }) => ok), checks };
};

/** Only what can be no module name is looked for on disk, so that a folder never hides a module: `./shop`, `/srv/shop`, `.`. */
const isFolder = async (path: string): Promise<boolean> =>
  (/^\.|^[/\\]|^[A-Za-z]:/.test(path) || path.split(/[/\\]/).length > 2) &&
  (await stat(resolve(path)).then(
    (found) => found.isDirectory(),
    () => false,
  ));

const checksText = (id: string, checks: CheckVerdict[], columns: number | undefined): string => {
  const rows = checks.map(({ name, ok, diagnostics, elapsedMs }) => [
    ok ? green('\u2713') : red('\u2717'),
    name,
    diagnostics.length === 0 ? '' : String(diagnostics.length),
    dim(span(elapsedMs)),
  ]);
  return [
    bold(id),
    table(rows),
    ...findings(
      checks.flatMap(({ diagnostics }) => diagnostics),
      columns,
    ),
  ].join('\n');
};

/** `test MODULE`: tries it against its own mirror. Ends with 1 when an operation fails. */
export const test: Action = async (invocation) => {
  const reference = invocation.words[0] ?? '';
  const client = await invocation.open();
  const found = await findModule(client, reference);
  const result = await client.call('testModule', withVersion(reference, found));
  const tried = result as unknown as Trial & { coverage: number };
  invocation.terminal.result(result, () => trialText(`${found.id}@${found.version}`, tried));
  return tried.failed === 0 ? 0 : 1;
};

/** What `test` tells people: counts, coverage, and the first failures. */
export const trialText = (id: string, { passed, failed, skipped, coverage, results }: Trial & { coverage: number }): string => {
  const bad = results.filter(({ outcome }) => outcome === 'failed').slice(0, 10);
  return [
    `${bold(id)}  ${green(`${passed} passed`)}  ${(failed > 0 ? red : dim)(`${failed} failed`)}  ${dim(`${skipped} skipped`)}`,
    dim(`  ${(coverage * 100).toFixed(0)} % of the operations were tried`),
    ...(bad.length > 0 ? ['', table(bad.map(({ operation, reason = '' }) => [red(operation), reason]))] : []),
  ].join('\n');
};
