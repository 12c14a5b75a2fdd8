import { fileURLToPath } from 'node:url';
import { readJestJson } from '../forms/jest-json.ts';
import { type TestCase, runOf } from '../report.ts';
import { runJailed, writeFolder } from '../sandbox.ts';
import { findInstalled } from './installed.ts';
import { type Runner, bounds, casesIn, deadlineMs } from './runner.ts';

const inside = fileURLToPath(new URL('../inside/vitest.ts', import.meta.url));

/** Runs tests by Vitest, when it is installed. Its configuration is ours: a module brings none. */
export const vitestRunner: Runner = async ({ files, tests, installed, signal }) => {
  const found = findInstalled('vitest', 'vitest.mjs', installed);
  if (!found)
    return runOf('vitest', [], {
      absent: 'Vitest is not installed; install it beside the module: npm install --save-dev vitest',
    });
  const own = files.filter(({ path }) => !/(?:^|\/)(?:vite|vitest)\.config\.[cm]?[jt]s$/.test(path));
  const config = {
    path: 'vitest.config.mjs',
    text: `export default { test: { globals: true, include: ${JSON.stringify(tests)} } };\n`,
  };
  const folder = writeFolder([...own, config]);
  try {
    const output = await runJailed(
      {
        command: process.execPath,
        args: [
          '--no-warnings',
          '--import',
          inside,
          found.command,
          'run',
          '--root',
          folder.path,
          '--config',
          `${folder.path}/${config.path}`,
          '--configLoader=runner',
          '--reporter=json',
          '--pool=threads',
          '--maxWorkers=1',
          '--no-fsModuleCache',
        ],
        read: [folder.path, inside, ...found.read],
        scratch: true,
        bounds,
      },
      deadlineMs,
      signal,
    );
    const read = (text: string): TestCase[] | undefined => readJestJson(text, (path) => path.replace(`${folder.path}/`, ''));
    return runOf('vitest', casesIn(output, read, { runner: 'Vitest', folder, tests }));
  } finally {
    await folder.remove();
  }
};
