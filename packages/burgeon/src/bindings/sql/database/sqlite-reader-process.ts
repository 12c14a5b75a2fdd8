/** The process that answers free queries on one SQLite file, one at a time. It ends with its channel. */
import type { DatabaseSync } from 'node:sqlite';
import { answerQuery, openReadOnly, type ReaderRequest } from './sqlite-answer.ts';

const path = process.argv[2] ?? '';
let database: DatabaseSync | undefined;

process.on('message', (request) => {
  process.send?.(answerQuery(() => (database ??= openReadOnly(path)), request as ReaderRequest));
});
process.on('disconnect', () => process.exit(0));
