import { type Coverage, coverageOf, fileCoverage } from '../report.ts';

/**
 * Reads an LCOV tracefile: lines and branches of each file. What it says of files for which `keep` is false is left out.
 * @see https://github.com/linux-test-project/lcov/blob/master/man/geninfo.1
 */
export const readLcov = (text: string, keep: (file: string) => boolean = () => true): Coverage => {
  const files = text.split('end_of_record').flatMap((record) => {
    const file = /^SF:(.*)$/m.exec(record)?.[1]?.trim();
    if (file === undefined || !keep(file)) return [];
    const hits = (pattern: RegExp): [number, number][] =>
      [...record.matchAll(pattern)].map(([, line, count]): [number, number] => [Number(line), count === '-' ? 0 : Number(count)]);
    return [fileCoverage(file, hits(/^DA:(\d+),(\d+)/gm), hits(/^BRDA:(\d+),\d+,\d+,(\d+|-)/gm))];
  });
  return coverageOf(files);
};
