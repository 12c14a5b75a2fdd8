import type { Coverage } from '../../adapters/checks/tests/report.ts';

/** Coverage as an LCOV tracefile. @see https://github.com/linux-test-project/lcov/blob/master/man/geninfo.1 */
export const lcov = (coverage: Coverage | undefined, folder = ''): string =>
  (coverage?.perFile ?? [])
    .map(({ file, lines, branches, lineHits, branchHits }) =>
      [
        'TN:',
        `SF:${folder}${file.replaceAll(/[\r\n]/g, '')}`,
        ...branchHits.map(([line, hits], index) => `BRDA:${line},${index},0,${hits}`),
        `BRF:${branches.total}`,
        `BRH:${branches.covered}`,
        ...lineHits.map(([line, hits]) => `DA:${line},${hits}`),
        `LF:${lines.total}`,
        `LH:${lines.covered}`,
        'end_of_record',
        '',
      ].join('\n'),
    )
    .join('');
