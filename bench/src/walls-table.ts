import { type Figure, reachText, reached, withUnit } from '../../packages/burgeon/src/measure/figures.ts';
import type { Taken } from '../../packages/burgeon/src/measure/taken.ts';
import type { Figure as Row } from './results.ts';
import { table } from './statistics.ts';

/** Words of a figure that is shown for everybody, in the order of the columns. */
const columns: readonly (readonly [name: string, what: string, head: string])[] = [
  ['load', 'from code to the first answer, p50', 'load p50'],
  ['load', 'from code to the first answer, p99', 'load p99'],
  ['call', 'JSON in and out, p50', 'call p50'],
  ['call', 'JSON in and out, p99', 'call p99'],
  ['call', 'with one host call, p50', 'with a host call p50'],
  ['call', '64 in flight', '64 in flight'],
  ['memory', 'an idle module', 'an idle module'],
  ['call', 'processor work against plain Node', 'processor'],
];

const isColumn = (figure: Figure): boolean => columns.some(([name, what]) => figure.name === name && figure.what === what);

/** Everybody side by side, then what only one has, then what could not be taken. */
export const tablesOf = ({ figures, failures }: Taken): string => {
  const names = [...new Set(figures.filter(isColumn).map(({ contender }) => contender))];
  const rows = names.map((contender) => [
    contender,
    ...columns.map(([name, what]) => {
      const figure = figures.find((each) => each.name === name && each.what === what && each.contender === contender);
      return figure ? withUnit(figure.value, figure.unit) : '-';
    }),
  ]);
  const others = figures
    .filter((figure) => !isColumn(figure))
    .map((each) => [each.name, each.contender, each.what, withUnit(each.value, each.unit), reachText(each)]);
  return [
    ...(rows.length > 0 ? [table(['contender', ...columns.map(([, , head]) => head)], rows)] : []),
    ...(others.length > 0 ? [table(['measured', 'of', 'what', 'figure', 'reach'], others)] : []),
    ...failures.map(({ what, message }) => `- not taken: ${what}: ${message.replaceAll('|', '\\|')}`),
  ].join('\n\n');
};

/** A row of the table of promises, and the figures it is made of: by measurement, words, and whose when not the default host's. */
type Promised = readonly [key: string, ...figures: (readonly [name: string, what: RegExp, contender?: string])[]];

const promises: readonly Promised[] = [
  ['load', ['load', /^signed.*p50$/], ['load', /^signed.*p99$/]],
  ['call', ['call', /^JSON.*p50$/], ['call', /^JSON.*p99$/]],
  ['host', ['call', /^with one host call/]],
  ['bus', ['bus', /^module to module/], ['bus', /^the whole call.*p99$/]],
  ['rate', ['call', /in flight$/]],
  ['memory', ['memory', /^an idle module$/], ['memory', /^500 modules/], ['memory', /do not answer$/]],
  ['processor', ['call', /^processor/], ['call', /^processor/, 'isolate, not approved']],
  ['stop', ['abuse', /^stopped past/]],
  ['recovery', ['recovery', /^first answer/], ['recovery', /modules answer again$/]],
  ['stall', ['abuse', /^stall/]],
  ['abuse', ['abuse', /neighbour failed$/], ['abuse', /escaped/]],
];

/** The rows of docs/figures.md that can be filled: a promise of which a figure is missing is left out. */
export const rowsOf = (figures: readonly Figure[]): Record<string, Row> =>
  Object.fromEntries(
    promises.flatMap(([key, ...wanted]) => {
      const found = wanted.map(([name, what, contender = 'isolate']) =>
        figures.find((each) => each.name === name && each.contender === contender && what.test(each.what)),
      );
      const all = found.filter((each) => each !== undefined);
      if (all.length < found.length) return [];
      const measured = all.map(({ value, unit }) => withUnit(value, unit)).join(' / ');
      return [[key, { measured, met: all.every((each) => reached(each) !== false) }]];
    }),
  );
