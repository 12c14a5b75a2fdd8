import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BurgeonError, type Diagnostic, type JsonObject, type JsonValue } from '@burgeon/kit';
import { flag, type Action } from '../command.ts';
import { usage } from '../fault.ts';
import { findModule, withVersion } from '../module.ts';
import { junit, sarif } from '../reports.ts';
import { bold, cyan, dim, green, red, span, table } from '../text.ts';
import { findings } from './describe.ts';

/** The verdict of one check. */
export interface Verdict {
  name: string;
  ok: boolean;
  diagnostics: Diagnostic[];
  elapsedMs?: number;
}

/** `check MODULE`: runs every check over a stored module. Ends with 1 when one finds an error. */
export const check: Action = async (invocation) => {
  const { terminal, words } = invocation;
  const reference = words[0] ?? '';
  if (flag(invocation, 'sarif') && flag(invocation, 'junit'))
    throw usage('There is one document on standard output.', 'Choose --sarif or --junit.');
  const client = await invocation.open();
  const found = await findModule(client, reference).catch(async (error: unknown) => {
    throw (await isFolder(reference)) ? folderRefused(reference) : error;
  });
  const result = await client.call('checkModule', withVersion(reference, found));
  const { ok, checks } = result as unknown as { ok: boolean; checks: Verdict[] };
  const id = `${found.id}@${found.version}`;
  if (flag(invocation, 'sarif')) terminal.result(sarif(id, checks), () => JSON.stringify(sarif(id, checks), null, 2));
  else if (flag(invocation, 'junit')) terminal.line(junit(id, checks), () => junit(id, checks));
  else terminal.result(result, () => checksText(id, checks, terminal.columns));
  return ok ? 0 : 1;
};

const isFolder = (path: string): Promise<boolean> =>
  stat(resolve(path)).then(
    (found) => found.isDirectory(),
    () => false,
  );

const folderRefused = (path: string): BurgeonError =>
  new BurgeonError('UNSUPPORTED', {
    message: `${path} is a folder; this version checks modules of the registry.`,
    hint: 'Add what the folder was made from, then check the module: burgeon add WHAT',
  });

const checksText = (id: string, checks: Verdict[], columns: number | undefined): string => {
  const rows = checks.map(({ name, ok, diagnostics, elapsedMs }) => [
    ok ? green('\u2713') : red('\u2717'),
    name,
    diagnostics.length === 0 ? '' : String(diagnostics.length),
    elapsedMs === undefined ? '' : dim(span(elapsedMs)),
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
  const result = (await client.call('testModule', withVersion(reference, found))) as JsonObject;
  invocation.terminal.result(result, () => trialText(`${found.id}@${found.version}`, result));
  return Number(result['failed'] ?? 0) === 0 ? 0 : 1;
};

const trialText = (id: string, { passed, failed, skipped, coverage, failures }: JsonObject): string => {
  const bad = Number(failed ?? 0);
  const rows = (Array.isArray(failures) ? failures : []).slice(0, 10).map((failure) => failureRow(failure));
  return [
    `${bold(id)}  ${green(`${String(passed)} passed`)}  ${bad > 0 ? red(`${bad} failed`) : dim('0 failed')}  ${dim(`${String(skipped ?? 0)} skipped`)}`,
    dim(`  ${(Number(coverage ?? 0) * 100).toFixed(0)} % of the operations were tried`),
    ...(rows.length > 0 ? [table(rows)] : []),
    ...(bad > 0 ? ['', `Next: ${cyan('burgeon test MODULE --json')} shows every failure`] : []),
  ].join('\n');
};

const failureRow = (failure: JsonValue): string[] => {
  if (typeof failure !== 'object' || failure === null || Array.isArray(failure)) return ['', String(failure)];
  return [red(String(failure['operation'] ?? '')), String(failure['message'] ?? failure['code'] ?? '')];
};
