import type { Change, InterfaceDiff } from '../../interface/diff.ts';
import type { NameDifference, VersionDifference } from '../../registry/version-diff.ts';
import type { Action } from '../command.ts';
import { findModule } from '../module.ts';
import { bold, count, cyan, dim, green, red, table, yellow } from '../text.ts';
import { capabilityText } from './modules.ts';

/** `diff MODULE V1 V2`: what changed. */
export const diff: Action = async (invocation) => {
  const [reference = '', from = '', to = ''] = invocation.words;
  const client = await invocation.open();
  const { id, at } = await findModule(client, reference);
  const result = await client.call('diffVersions', { ...at, from, to });
  const difference = result as unknown as VersionDifference;
  invocation.terminal.result(result, () =>
    [`${bold(id)}  ${from} ${dim('to')} ${to}  ${paintVerdict(difference.verdict)}`, diffText(difference)].join('\n'),
  );
};

const paintVerdict = (verdict: InterfaceDiff['verdict']): string =>
  ({ major: red, minor: yellow, patch: green, none: dim })[verdict](verdict);

const paintImpact = (impact: Change['impact']): string =>
  ({ breaking: red, compatible: yellow, documentation: dim })[impact](impact);

const signs = { added: green('+'), widened: yellow('~'), changed: yellow('~'), removed: red('-') } as const;

/** What changed, under one heading each; what did not is not spoken of. */
export const diffText = (difference: VersionDifference): string => {
  const { capabilities, limits, types, dependencies } = difference;
  const power = (['added', 'widened', 'removed'] as const).flatMap((how) =>
    capabilities[how].map((capability) => `  ${signs[how]} ${capabilityText(capability)}`),
  );
  const parts: (readonly [heading: string, lines: string[]])[] = [
    ['Operations', operationLines(difference)],
    ['Elsewhere in the interface', changeLines(elsewhere(difference))],
    ['Types', nameLines(types)],
    ['Capabilities', power],
    ['Limits', limits.map(({ name, from, to }) => `  ${name}  ${from} ${dim('to')} ${to}`)],
    ['Needs', nameLines(dependencies)],
    ['Files', fileLines(difference)],
  ];
  const said = parts.filter(([, lines]) => lines.length > 0).flatMap(([heading, lines]) => ['', heading, ...lines]);
  return [
    ...(difference.changes.length === 0 ? ['', dim('No operation or type changed.')] : []),
    ...said,
    ...(power.length === 0 ? ['', dim('The same capabilities.')] : []),
  ].join('\n');
};

const operationLines = ({ operations: { added, removed, changed } }: VersionDifference): string[] => [
  ...added.map(({ id, effect, summary = '' }) => `  ${signs.added} ${bold(id)}  ${dim(effect)}  ${summary}`.trimEnd()),
  ...removed.map(({ id, effect, summary = '' }) => `  ${signs.removed} ${bold(id)}  ${dim(effect)}  ${summary}`.trimEnd()),
  ...changed.flatMap(({ id, impact, changes }) => [
    `  ${signs.changed} ${bold(id)}  ${paintImpact(impact)}`,
    ...changeLines(changes, /^\/operations\/\d+/).map((line) => `  ${line}`),
  ]),
];

/** What is said of no operation. */
const elsewhere = ({ changes }: VersionDifference): Change[] => changes.filter(({ path }) => !path.startsWith('/operations/'));

const changeLines = (changes: readonly Change[], without = /^/): string[] => {
  if (changes.length === 0) return [];
  const rows = changes.map(({ impact, path, message }) => [
    `  ${paintImpact(impact)}`,
    cyan(path.replace(without, '') || '/'),
    message,
  ]);
  return table(rows).split('\n');
};

const nameLines = ({ added, removed, changed }: NameDifference): string[] =>
  Object.entries({ added, removed, changed }).flatMap(([how, names]) =>
    names.map((name) => `  ${signs[how as keyof NameDifference]} ${name}`),
  );

const fileLines = ({ files: { added, removed, changed } }: VersionDifference): string[] => {
  const total = added.length + removed.length + changed.length;
  if (total === 0) return [];
  return [
    ...added.map((path) => `  ${signs.added} ${path}`),
    ...removed.map((path) => `  ${signs.removed} ${path}`),
    ...changed.map(
      ({ path, linesAdded, linesRemoved }) => `  ${signs.changed} ${path}  ${green(`+${linesAdded}`)} ${red(`-${linesRemoved}`)}`,
    ),
    dim(`  ${count(total, 'file')}`),
  ];
};
