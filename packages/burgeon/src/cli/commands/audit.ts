import type { JsonObject } from '@burgeon/kit';
import type { Action } from '../command.ts';
import { findModule } from '../module.ts';
import { numberOption } from '../numbers.ts';
import { bold, count, dim, green, red, table } from '../text.ts';

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
  invocation.terminal.result(entries, () => entriesText(entries as JsonObject[], invocation.terminal.columns));
};

const entriesText = (entries: JsonObject[], columns: number | undefined): string => {
  if (entries.length === 0) return 'Nothing is recorded yet.';
  const rows = entries.map((entry) => {
    const { sequence, seq, at, kind, event, action, module, ...rest } = entry;
    const number = String(sequence ?? seq ?? '');
    return [
      dim(number),
      dim(
        String(at ?? '')
          .slice(0, 19)
          .replace('T', ' '),
      ),
      bold(String(kind ?? event ?? action ?? '')),
      String(module ?? ''),
      dim(detail(rest)),
    ];
  });
  return [
    table(rows, { columns }),
    '',
    `${count(entries.length, 'entry').replace('entrys', 'entries')}. Verify them: burgeon audit verify`,
  ].join('\n');
};

const detail = ({ data, details, ...rest }: JsonObject): string => {
  const { hash: _, previous: __, prev: ___, signature: ____, tenant: _____, ...facts } = rest;
  const shown = data ?? details ?? facts;
  return typeof shown === 'string' ? shown : JSON.stringify(shown);
};

/** `audit verify`: verifies the whole record. Ends with 1 when an entry is bad. */
export const verify: Action = async (invocation) => {
  const client = await invocation.open();
  const result = (await client.call('verifyAudit')) as JsonObject;
  const { ok, entries, firstBad } = result;
  invocation.terminal.result(result, () =>
    ok === true
      ? `${green('Sound.')} ${String(entries)} entries follow one from the other, up to the signed head.`
      : `${red('Broken.')} The first bad entry is ${bold(String((firstBad as JsonObject | undefined)?.['sequence'] ?? JSON.stringify(firstBad)))} of ${String(entries)}.`,
  );
  return ok === true ? 0 : 1;
};
