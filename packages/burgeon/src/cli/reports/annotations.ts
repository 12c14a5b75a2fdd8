import type { TestRun } from '../../adapters/checks/tests/report.ts';
import { type Judged, placeOf } from './sarif.ts';

const levels = { error: 'error', warning: 'warning', info: 'notice' } as const;

const message = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (text: string): string => message(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/**
 * The errors and warnings about a module as lines that GitHub shows beside the code.
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export const annotations = ({ id, checks, folder = '', document }: Judged, runs: readonly TestRun[] = []): string[] => [
  ...checks.flatMap(({ name, diagnostics }) =>
    diagnostics
      .filter(({ severity }) => severity !== 'info')
      .map(({ severity, code, path, position, message: text }) => {
        const { file, line = 1, column = 1 } = document === undefined ? placeOf(path, position) : { file: document };
        const place = `file=${property(document ?? folder + file)},line=${line},col=${column},title=${property(`${name}/${code}`)}`;
        return `::${levels[severity]} ${place}::${message(text)}`;
      }),
  ),
  ...runs.flatMap(({ runner, cases, absent }) => [
    ...cases
      .filter(({ state }) => state === 'failed')
      .map(
        ({ name, file, message: text = 'failed' }) =>
          `::error file=${property(document ?? folder + file)},title=${property(`${runner} ${name}`)}::${message(text)}`,
      ),
    ...(absent === undefined ? [] : [`::warning title=${property(`${id} ${runner}`)}::${message(absent)}`]),
  ]),
];
