import type { JsonObject } from '@burgeon/kit';
import type { Reason, Step } from '../../management/why.ts';
import type { AuditEntry, AuditVerdict } from '../../security/audit.ts';
import type { Made } from '../../security/checkpoints.ts';
import { resolve } from 'node:path';
import { type Action, textOption } from '../command.ts';
import { findModule, withVersion } from '../module.ts';
import { numberOption } from '../numbers.ts';
import { bold, cyan, dim, green, red, table } from '../text.ts';

/** `audit [MODULE]`: the record, oldest first. */
export const audit: Action = async (invocation) => {
  const [reference] = invocation.words;
  const limit = numberOption(invocation, 'limit', { least: 1, most: 10_000, whole: true });
  const client = await invocation.open();
  // A module that was removed keeps its record, so a full id need not exist any more.
  const module = reference === undefined || reference.includes('/') ? reference : (await findModule(client, reference)).id;
  const entries = await client.call('listAudit', {
    ...(module === undefined ? {} : { module }),
    ...(limit === undefined ? {} : { limit }),
  });
  invocation.terminal.result(entries, () => entriesText(entries as unknown as AuditEntry[], invocation.terminal.columns));
};

const entriesText = (entries: AuditEntry[], columns: number | undefined): string => {
  if (entries.length === 0) return 'Nothing is recorded yet.';
  const rows = entries.map(({ sequence, at, kind, module = '', data = {} }) => [
    dim(sequence),
    dim(at.slice(0, 19).replace('T', ' ')),
    bold(kind),
    module,
    dim(factsText(data)),
  ]);
  const many = entries.length === 1 ? '1 entry' : `${entries.length} entries`;
  return [table(rows, { columns }), '', `${many}. Next: ${cyan('burgeon audit verify')}`].join('\n');
};

/** Facts in one line; of a digest its first eight digits, as everywhere. */
const factsText = (facts: JsonObject): string =>
  Object.entries(facts)
    .map(
      ([name, value]) =>
        `${name} ${(typeof value === 'string' ? value : JSON.stringify(value)).replace(/\b([0-9a-f]{8})[0-9a-f]{56}\b/g, '$1')}`,
    )
    .join(', ');

/** `audit verify`: verifies the whole record. Ends with 1 when an entry is bad. */
export const verify: Action = async (invocation) => {
  const against = textOption(invocation, 'against');
  const client = await invocation.open();
  const result = await (against === undefined
    ? client.call('verifyAudit')
    : client.call('compareAudit', { file: resolve(against) }));
  const verdict = result as unknown as AuditVerdict;
  invocation.terminal.result(result, () => verdictText(verdict));
  return verdict.ok ? 0 : 1;
};

/** What `audit verify` tells people. */
export const verdictText = ({
  ok,
  entries,
  firstBad = entries + 1,
  reason = 'it is not as it was signed',
  checkpoints,
}: AuditVerdict): string =>
  ok
    ? `${green('Sound.')} ${entries} entries follow one from the other, up to the signed head${checkpoints === undefined ? '' : `, as ${checkpoints === 1 ? 'one checkpoint says' : `${checkpoints} checkpoints say`}`}.`
    : `${red('Broken.')} The first bad entry is ${bold(firstBad)} of ${entries}: ${reason}.\nKeep a copy of the data directory; what follows the entry proves nothing.`;

/** `audit checkpoint`: signs what the record holds now. */
export const checkpoint: Action = async (invocation) => {
  const to = textOption(invocation, 'to');
  const client = await invocation.open();
  const result = await client.call('checkpointAudit', to === undefined ? {} : { file: resolve(to) });
  const made = result as unknown as Made;
  invocation.terminal.result(
    result,
    () => `${green('Signed:')} ${made.checkpoint.size} entries  ${dim(`root ${made.checkpoint.root.slice(0, 8)}`)}`,
  );
};

/** `why MODULE`: the story of a version. */
export const why: Action = async (invocation) => {
  const client = await invocation.open();
  const reference = invocation.words[0] ?? '';
  const found = await findModule(client, reference);
  const result = await client.call('explainModule', withVersion(reference, found));
  invocation.terminal.result(result, () => whyText(result as unknown as Reason, invocation.terminal.columns));
};

const whyText = ({ module, run, steps, since, calls }: Reason, columns: number | undefined): string => {
  const rows = (list: Step[]): string =>
    table(
      list.map(({ at, step, actor, data }) => [
        dim(at.slice(0, 19).replace('T', ' ')),
        bold(step),
        actor === undefined ? '' : actor.kind === 'owner' ? 'owner' : `${actor.kind} ${actor.id}`,
        dim(factsText(data)),
      ]),
      { columns },
    );
  const called =
    calls.times === 0 ? 'It was never called.' : `Called ${calls.times} times, ${calls.failed} failed; last ${calls.last ?? ''}.`;
  return [
    `${bold(`${module.id}@${module.version}`)}  ${module.state}  ${dim(module.digest.slice(0, 8))}${run === undefined ? '' : `  ${dim(run)}`}`,
    '',
    rows(steps),
    ...(since.length === 0 ? [] : ['', 'Since then:', rows(since)]),
    '',
    `${called}${calls.denied === 0 ? '' : ` Asked ${calls.denied} times for what it was not granted.`}`,
  ].join('\n');
};
