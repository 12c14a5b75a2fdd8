/** Reads one OpenAPI file and writes its stand-alone client: node src/generate-once.ts FILE FOLDER. The whole work of one process. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { typescript } from '../../packages/burgeon/src/adapters/targets/typescript/index.ts';
import { readFile } from './reading.ts';

const [path = '', out = ''] = process.argv.slice(2);
const description = await readFile(path);
for (const file of await typescript.write(description, { module: 'api/client', version: '1.0.0', form: 'standalone' })) {
  mkdirSync(dirname(join(out, file.path)), { recursive: true });
  writeFileSync(join(out, file.path), file.text);
}
