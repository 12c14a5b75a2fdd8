import type { JsonObject } from '@burgeon/kit';
import type { AuditEntry, AuditVerdict } from '../../security/audit.ts';
import type { Action } from '../command.ts';
import { findModule } from '../module.ts';
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
  const client = await invocation.open();
  const result = await client.call('verifyAudit');
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
}: AuditVerdict): string =>
  ok
    ? `${green('Sound.')} ${entries} entries follow one from the other, up to the signed head.`
    : `${red('Broken.')} The first bad entry is ${bold(firstBad)} of ${entries}: ${reason}.\nKeep a copy of the data directory; what follows the entry proves nothing.`;
