/** Takes every figure, one script after the other, and writes docs/figures.md: node src/all.ts [FOLDER]. A script that fails does not stop the rest. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bench } from './machine.ts';

const scripts = [
  'generate',
  'mirror',
  'hostile',
  'search-tokens',
  'inspector',
  'walls',
  'reload',
  'audit',
  'vault',
  'corpus',
  'report',
];
const failed: string[] = [];
for (const script of scripts) {
  process.stdout.write(`\n== ${script}\n`);
  const folder = ['generate', 'mirror', 'corpus'].includes(script) ? process.argv.slice(2) : [];
  const { status } = spawnSync(process.execPath, [join(bench, 'src', `${script}.ts`), ...folder], {
    cwd: bench,
    stdio: 'inherit',
  });
  if (status !== 0) failed.push(script);
}
if (failed.length > 0) process.stdout.write(`\nFAILED: ${failed.join(', ')}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
