import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../base/durable-file.ts';
import type { CheckVerdict } from '../../pipeline/check.ts';
import type { TestReport } from '../../pipeline/test.ts';
import { checkSuiteXml, junit, testSuitesXml } from './junit.ts';
import { lcov } from './lcov.ts';
import { type Judged, sarif } from './sarif.ts';

/** What is reported of one module; `path` is that of its folder, or of its description. */
interface Reported {
  path: string;
  kind: 'module' | 'description';
  ok: boolean;
  checks: CheckVerdict[];
  tests?: TestReport;
}

/** A module as the reports on findings take it. */
export const judgedOf = ({ path, kind, checks }: Pick<Reported, 'path' | 'kind' | 'checks'>): Judged => ({
  id: path,
  checks,
  ...(kind === 'module' ? { folder: path === '.' ? '' : `${path}/` } : { document: path }),
});

/** Writes a report in every form into a folder, which is made; gives the paths. */
export const writeReports = async (folder: string, results: readonly Reported[]): Promise<string[]> => {
  await mkdir(folder, { recursive: true });
  const texts: Record<string, string> = {
    'burgeon.sarif': `${JSON.stringify(sarif(...results.map(judgedOf)), null, 2)}\n`,
    'junit.xml': `${junit(results.flatMap(({ path, checks, tests }) => [checkSuiteXml(path, checks), ...testSuitesXml(path, tests?.runs ?? [])]))}\n`,
    'lcov.info': results.map(({ path, tests }) => lcov(tests?.code, `${path}/`)).join(''),
    'burgeon.json': `${JSON.stringify({ ok: results.every(({ ok }) => ok), modules: results }, null, 2)}\n`,
  };
  for (const [name, content] of Object.entries(texts)) await writeDurably(join(folder, name), content);
  return Object.keys(texts).map((name) => join(folder, name));
};
