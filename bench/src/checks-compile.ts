/** Compiles the module in a folder once with the API of TypeScript 6: node src/checks-compile.ts FOLDER. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ambientDeclarations } from '../../packages/burgeon/src/adapters/checks/types/ambient.ts';
import { openTypeScript6 } from '../../packages/burgeon/src/adapters/checks/types/typescript6.ts';

const [folder = ''] = process.argv.slice(2);
const compiler = await openTypeScript6();
const found = compiler.check([
  { path: 'index.ts', text: readFileSync(join(folder, 'index.ts'), 'utf8') },
  { path: 'ambient.d.ts', text: ambientDeclarations() },
]);
process.exitCode = found.length === 0 ? 0 : 1;
