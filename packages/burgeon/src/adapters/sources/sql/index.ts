/** Databases: SQLite files, PostgreSQL, MySQL and MariaDB, read by asking them. */
import { BurgeonError, defineSource, type Interface, type Source, type SourceContext, type SourceInput } from '@burgeon/kit';
import { dialectOf, isDatabaseFile, parseConnection } from '../../../bindings/sql/database/connection.ts';
import { untilAborted } from '../../../bindings/sql/database/fault.ts';
import { introspectDatabase } from '../../../bindings/sql/introspect/introspect.ts';

/** First bytes of every SQLite file. @see https://www.sqlite.org/fileformat.html#the_database_header */
const fileHeader = 'SQLite format 3\0';

const detect = ({ kind, location, text }: SourceInput): number => {
  if (kind === 'folder') return 0;
  if (dialectOf(location) !== undefined) return 1;
  if (text !== undefined) return text.startsWith(fileHeader) ? 1 : 0;
  return isDatabaseFile(location) ? 0.9 : 0;
};

const read = async ({ location, text }: SourceInput, { egress, signal, budget }: SourceContext): Promise<Interface> => {
  const named = dialectOf(location) === undefined && text?.startsWith(fileHeader) ? `sqlite:${location}` : location;
  const deadline = AbortSignal.timeout(budget.deadlineMs);
  const either = AbortSignal.any([signal, deadline]);
  const reading = introspectDatabase(parseConnection(named), { egress, role: 'source', signal: either });
  try {
    return await untilAborted(reading, either, () => {});
  } catch (error) {
    if (!deadline.aborted || signal.aborted || !BurgeonError.is(error) || error.code !== 'CANCELLED') throw error;
    throw new BurgeonError('SPEC_TOO_COMPLEX', {
      message: `Reading the catalogue of the database took longer than ${budget.deadlineMs} ms.`,
      hint: 'Raise the deadline of the budget, or point at a database with fewer tables.',
    });
  }
};

/** Reads the description of a live database; nothing of its connection string but host, port and name is kept. */
export const sql: Source = defineSource({ name: 'sql', reads: 'connection', detect, read });
