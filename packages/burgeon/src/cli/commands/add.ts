import type { AddResult } from '../../pipeline/add.ts';
import type { Action, Invocation } from '../command.ts';
import { pointingInput } from '../point.ts';
import { confirmByPerson } from '../approving.ts';
import { bold, count, cyan, dim, green, red, span, table, yellow } from '../text.ts';
import { findings } from './describe.ts';

/** `add WHAT`: grows a module. Ends with 3 while approval is pending. */
export const add: Action = async (invocation) => {
  const { terminal } = invocation;
  const input = await pointingInput(invocation);
  const client = await invocation.open();
  const result = await client.call('addModule', input);
  const added = result as unknown as AddResult;
  const answered = added.request ? await confirmByPerson(invocation, client, added.request) : undefined;
  const final: AddResult = answered ? { ...added, ...answered, module: { ...added.module, ...answered.module } } : added;
  terminal.result(result, () => text(final, invocation));
  return final.module.state === 'active' ? 0 : 3;
};

const text = (added: AddResult, { terminal }: Invocation): string => {
  const { module, checks, trial, disclosure } = added;
  const live = module.state === 'active';
  const verdicts = checks.map((check) => (check.ok ? green(check.name) : red(check.name))).join(' ');
  const tried = `${trial.passed} passed${trial.failed > 0 ? `, ${red(`${trial.failed} failed`)}` : ''}${trial.skipped > 0 ? `, ${trial.skipped} skipped` : ''}`;
  const lines = [
    `${bold(module.id)} ${module.version}  ${live ? green('live') : yellow(`waits for approval`)}${added.unchanged === true ? dim('  (unchanged)') : ''}`,
    table(
      [
        ['operations', count(added.operations, 'operation')],
        ['checks', verdicts],
        ['trial', tried],
        ['digest', module.digest.slice(0, 16)],
        ['took', span(added.elapsedMs)],
      ].map(([name = '', value = '']) => [dim(name), value]),
    ),
    ...findings(
      added.diagnostics.filter(({ severity }) => severity !== 'info'),
      terminal.columns,
    ),
    '',
    ...disclosure.text
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
    '',
    ...next(added),
  ];
  return lines.join('\n');
};

const next = ({ module, request }: AddResult): string[] => {
  if (module.state === 'active') return [`Next: ${cyan(`burgeon show ${module.id}`)}`];
  if (!request) return [`Next: ${cyan('burgeon approvals')}`];
  return [`Next: ${cyan(`burgeon approve ${request.id} --code CODE`)}   ${dim(`until ${request.expiresAt}`)}`];
};
