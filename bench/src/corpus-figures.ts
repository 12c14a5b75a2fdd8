import type { Outcome } from './corpus-outcome.ts';
import type { Figure } from './results.ts';
import { median, percent, quantile, table } from './statistics.ts';

const sum = (outcomes: readonly Outcome[], value: (outcome: Outcome) => number): number =>
  outcomes.reduce((total, outcome) => total + value(outcome), 0);

/** `PART of WHOLE = 12.3 %`. */
const share = (part: number, whole: number): string => `${part} of ${whole} = ${percent(part, whole)}`;

const seconds = (milliseconds: readonly number[]): string =>
  [median(milliseconds), quantile(milliseconds, 0.95), Math.max(0, ...milliseconds)]
    .map((each) => (each / 1_000).toFixed(2))
    .join(' / ');

/** The figures of the corpus, by the key of their row. `compiled` = ejected clients that strict `tsc` accepts. */
export const corpusFigures = (outcomes: readonly Outcome[], compiled: number): Record<string, Figure> => {
  const formed = outcomes.filter((outcome) => !outcome.malformed);
  const malformed = outcomes.filter((outcome) => outcome.malformed);
  const made = outcomes.filter((outcome) => outcome.refused === undefined);
  const complete = made.filter((outcome) => !outcome.malformed);
  const refused = (some: readonly Outcome[]): number => some.filter((outcome) => outcome.refused !== undefined).length;
  const anysPerThousand =
    (1_000 * sum(made, (each) => each.anys)) /
    Math.max(
      1,
      sum(made, (each) => each.lines),
    );
  const suppressions = sum(made, (each) => each.suppressions);
  const operations = sum(complete, (each) => Math.min(each.operations, each.expected));
  const expected = sum(formed, (each) => each.expected);
  const [asked, accepted] = [sum(made, (each) => each.requests.asked), sum(made, (each) => each.requests.accepted)];
  const [answered, conform] = [sum(made, (each) => each.answers.answered), sum(made, (each) => each.answers.conform)];
  const failed = sum(made, (each) => each.answers.failed);
  const [pairs, agreeing] = [sum(made, (each) => each.agreement.pairs), sum(made, (each) => each.agreement.agreeing)];
  const unexplained = sum(outcomes, (each) => each.unexplained);
  const served = made.filter((each) => each.tools.served).length;
  const [bad, twice] = [sum(made, (each) => each.tools.badSchemas), sum(made, (each) => each.tools.duplicates)];
  const add = made.map((each) => each.addMs);
  return {
    modules: {
      measured: `${share(complete.length, formed.length)}; ${unexplained} diagnostics without a reason`,
      met: complete.length === formed.length && unexplained === 0,
    },
    compiles: {
      measured: `${share(compiled, made.length)}; ${anysPerThousand.toFixed(2)} \`any\` per 1,000 lines, ${suppressions} suppressions`,
      met: compiled === made.length && anysPerThousand < 1 && suppressions === 0,
    },
    malformed: {
      measured: `${malformed.length - refused(malformed)} salvaged, ${refused(malformed)} refused with a reason, of ${malformed.length}`,
      met: malformed.length - refused(malformed) >= (5 / 6) * malformed.length,
    },
    operations: { measured: share(operations, expected), met: operations === expected },
    requests: { measured: share(accepted, asked), met: accepted >= 0.995 * asked },
    answers: {
      measured: `${share(made.length, outcomes.length)} / ${share(conform, answered)} / ${failed}`,
      met: made.length === outcomes.length && conform >= 0.99 * answered && failed === 0,
    },
    agreement: { measured: share(agreeing, pairs), met: agreeing >= 0.95 * pairs },
    mcp: { measured: `${share(served, made.length)} / ${bad} / ${twice}`, met: served === made.length && bad + twice === 0 },
    add: { measured: `${seconds(add)} s (median / p95 / max)`, met: median(add) < 2_000 && quantile(add, 0.95) < 6_000 },
  };
};

const titles: Record<string, string> = {
  modules: 'well-formed files that give a module',
  compiles: 'ejected clients that pass strict tsc',
  malformed: 'malformed files',
  operations: 'operations, those of refused files missing',
  requests: 'requests of the ejected client that the enforcing mirror accepts',
  answers: 'mirrors that stand / answers that conform / answers with status 500',
  agreement: 'create, read, update, delete that agree',
  mcp: 'MCP: served / bad schemas / duplicate names',
  add: 'add, all stages',
};

/** The figures as a table. */
export const corpusTable = (figures: Record<string, Figure>): string =>
  table(
    ['figure', 'measured'],
    Object.entries(figures).map(([key, { measured }]) => [titles[key] ?? key, measured]),
  );
