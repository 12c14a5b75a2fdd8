/** The process in which types are stripped from untrusted code: files in on standard input, JavaScript out on standard output, as JSON. */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

const files = JSON.parse(readFileSync(0, 'utf8')) as { path: string; text: string }[];
// Types become white space, so lines and columns stay what the author wrote.
process.stdout.write(
  JSON.stringify(files.map(({ path, text }) => ({ path, source: stripTypeScriptTypes(text, { mode: 'strip' }) }))),
);
