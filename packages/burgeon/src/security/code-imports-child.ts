/** The process in which untrusted code is parsed for its imports: files in on standard input, imports out on standard output, as JSON. */
import { readFileSync } from 'node:fs';
import { importsOf } from './code-imports.ts';

const files = JSON.parse(readFileSync(0, 'utf8')) as { path: string; text: string }[];
process.stdout.write(JSON.stringify(importsOf(files)));
