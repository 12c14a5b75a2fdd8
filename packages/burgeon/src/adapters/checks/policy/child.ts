/** The process in which untrusted code is parsed and judged: files in on standard input, findings out on standard output, as JSON. */
import { readFileSync } from 'node:fs';
import { type PolicyFile, judgeFiles } from './files.ts';

const files = JSON.parse(readFileSync(0, 'utf8')) as PolicyFile[];
process.stdout.write(JSON.stringify(judgeFiles(files)));
