import { resolve } from 'node:path';
import type { JsonObject, JsonValue } from '@burgeon/kit';
import type { CheckVerdict } from '../../pipeline/check.ts';
import type { Rechecked } from '../../pipeline/pipeline.ts';
import { flag, type Action, type Invocation } from '../command.ts';
import { usage } from '../fault.ts';
import { checkCandidate, isFolder } from '../judging.ts';
import { findModule, withVersion } from '../module.ts';
import { checkSuiteXml, junit } from '../reports/junit.ts';
import { sarif } from '../reports/sarif.ts';
import { bold, count, dim, green, red, span, table } from '../text.ts';
import { findings } from './describe.ts';

interface Judged {
  id: string;
  ok: boolean;
  checks: CheckVerdict[];
}

/**
 * `check MODULE|DIR`: runs every check over a stored module, or over a folder that holds one; `check --all` over every active module. Ends with 1
 * when one finds an error.
 */
export const check: Action = async (invocation) => {
  const [reference = ''] = invocation.words;
  const all = flag(invocation, 'all');
  if (flag(invocation, 'sarif') && flag(invocation, 'junit'))
    throw usage('There is one document on standard output.', 'Choose --sarif or --junit.');
  if (all === (reference !== '')) throw usage('Say what to check: one module, or all of them.', 'See: burgeon check --help');
  return all ? checkAll(invocation) : checkOne(invocation, reference);
};

const checkOne = async (invocation: Invocation, reference: string): Promise<0 | 1> => {
  const judged = (await isFolder(reference, invocation))
    ? await checkFolder(invocation, reference)
    : await checkStored(invocation, reference);
  const { id, ok, checks } = judged;
  report(invocation, [judged], { ok, checks } as unknown as JsonObject, () =>
    checksText(id, checks, invocation.terminal.columns),
  );
  return ok ? 0 : 1;
};

const checkAll = async (invocation: Invocation): Promise<0 | 1> => {
  const client = await invocation.open();
  const result = await client.call('checkAll');
  const { ok, modules } = result as unknown as { ok: boolean; modules: Rechecked[] };
  const judged = modules.map((each) => ({ ...each, id: `${each.id}@${each.version}` }));
  report(invocation, judged, result, () => allText(judged, invocation.terminal.columns));
  return ok ? 0 : 1;
};

/** Prints what was found in the form that was asked for. */
const report = ({ terminal, options }: Invocation, judged: readonly Judged[], value: JsonValue, text: () => string): void => {
  if (options['sarif'] === true) {
    const log = sarif(...judged);
    terminal.result(log, () => JSON.stringify(log, null, 2));
  } else if (options['junit'] === true) {
    const document = junit(judged.map(({ id, checks }) => checkSuiteXml(id, checks)));
    terminal.line(document, () => document);
  } else terminal.result(value, text);
};

const checkStored = async (invocation: Invocation, reference: string): Promise<Judged> => {
  const client = await invocation.open();
  const found = await findModule(client, reference);
  const result = (await client.call('checkModule', withVersion(reference, found))) as unknown as Omit<Judged, 'id'>;
  return { ...result, id: `${found.id}@${found.version}` };
};

/** A folder is judged without a home: nothing of it is stored. */
const checkFolder = async ({ home }: Invocation, path: string): Promise<Judged> => {
  const { readCandidate } = await import('../folder.ts');
  const checks = await checkCandidate(await readCandidate(resolve(path)), home);
  return { id: path, ok: checks.every(({ ok }) => ok), checks };
};

const sign = (ok: boolean): string => (ok ? green('\u2713') : red('\u2717'));

const checksText = (id: string, checks: CheckVerdict[], columns: number | undefined): string => {
  const rows = checks.map(({ name, ok, diagnostics, elapsedMs, cached }) => [
    sign(ok),
    name,
    diagnostics.length === 0 ? '' : String(diagnostics.length),
    dim(cached ? 'remembered' : span(elapsedMs)),
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

const allText = (judged: readonly Judged[], columns: number | undefined): string => {
  if (judged.length === 0) return 'No module is active.';
  const failed = judged.filter(({ ok }) => !ok);
  const rows = judged.map(({ id, ok, checks }) => [
    sign(ok),
    id,
    dim(
      checks
        .filter((each) => !each.ok)
        .map(({ name }) => name)
        .join(', '),
    ),
  ]);
  return [
    table(rows),
    ...failed.flatMap(({ id, checks }) => [
      '',
      bold(id),
      ...findings(
        checks.flatMap(({ diagnostics }) => diagnostics.filter(({ severity }) => severity === 'error')),
        columns,
      ),
    ]),
    '',
    `${count(judged.length, 'module')}, ${failed.length === 0 ? green('all sound') : red(`${failed.length} not sound`)}.`,
  ].join('\n');
};
