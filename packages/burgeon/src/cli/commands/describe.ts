import type { Diagnostic, Interface, JsonValue } from '@burgeon/kit';
import type { Action } from '../command.ts';
import { pointingInput } from '../point.ts';
import { bold, count, cyan, dim, green, red, table, yellow } from '../text.ts';

/** `describe WHAT`: reads a source and prints the interface. */
export const describe: Action = async (invocation) => {
  const input = await pointingInput(invocation);
  const client = await invocation.open();
  const description = (await client.call('describe', input)) as unknown as Interface;
  invocation.terminal.result(description as unknown as JsonValue, () =>
    text(description, invocation.words[0] ?? '', invocation.terminal.columns),
  );
};

const shown = 40;

const text = (description: Interface, what: string, columns: number | undefined): string => {
  const { source, operations, channels, entities, types, diagnostics } = description;
  const facts = [
    count(operations.length, 'operation'),
    ...(channels.length > 0 ? [count(channels.length, 'channel')] : []),
    ...(entities.length > 0 ? [entities.length === 1 ? '1 entity' : `${entities.length} entities`] : []),
    count(Object.keys(types).length, 'type'),
  ];
  const lines = [
    `${bold(description.title ?? description.name)} ${dim(description.version)}`,
    dim(`${source.kind} from ${source.location}`),
    ...description.locations.slice(0, 1).map(({ url }) => dim(`lives at ${url}`)),
    '',
    `${facts.join(', ')}`,
    operationTable(operations, columns),
  ];
  if (operations.length > shown) lines.push(dim(`  ... and ${operations.length - shown} more: --json shows all`));
  if (channels.length > 0)
    lines.push(
      '',
      table(
        channels.slice(0, shown).map((each) => [cyan(each.id), each.direction, each.summary ?? '']),
        { columns },
      ),
    );
  lines.push(...findings(diagnostics, columns), '', `Next: ${cyan(`burgeon add ${quoted(what)}`)}`);
  return lines.join('\n');
};

/** Operations in a table, at most forty. */
export const operationTable = (
  operations: readonly { id: string; effect: string; summary?: string; deprecated?: boolean }[],
  columns: number | undefined,
): string =>
  table(
    operations
      .slice(0, shown)
      .map(({ id, effect, summary, deprecated }) => [
        cyan(id),
        effect === 'read' ? green(effect) : effect === 'delete' ? red(effect) : yellow(effect),
        deprecated === true ? dim(`(deprecated) ${summary ?? ''}`.trimEnd()) : (summary ?? ''),
      ]),
    { columns },
  );

/** The findings of a reading: counted, and the gravest ten shown. Empty when there are none. */
export const findings = (diagnostics: readonly Diagnostic[], columns: number | undefined): string[] => {
  if (diagnostics.length === 0) return [];
  const order = { error: 0, warning: 1, info: 2 } as const;
  const sorted = diagnostics.toSorted((a, b) => order[a.severity] - order[b.severity]);
  const paint = { error: red, warning: yellow, info: dim } as const;
  const rows = sorted.slice(0, 10).map((each) => [paint[each.severity](each.severity), each.code, placeOf(each), each.message]);
  const counts = (['error', 'warning', 'info'] as const).flatMap((severity) => {
    const many = diagnostics.filter((each) => each.severity === severity).length;
    return many === 0 ? [] : [severity === 'info' ? `${many} info` : count(many, severity)];
  });
  const more = diagnostics.length > 10 ? [dim(`  ... and ${diagnostics.length - 10} more: --json shows all`)] : [];
  return ['', counts.join(', '), table(rows, { columns }), ...more];
};

/** Line and column; the file before them where a path names it. */
const placeOf = ({ path, position }: Diagnostic): string => {
  const place = position && `${position.line}:${position.column}`;
  return place === undefined || path.endsWith(`:${place}`) ? path || '-' : place;
};

/** A word as it can be typed into a shell again. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
