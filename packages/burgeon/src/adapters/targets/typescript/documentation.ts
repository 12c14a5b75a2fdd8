/** Comments of generated code. */
import type { Interface, Operation } from '@burgeon/kit';
import { commentLines, commentText } from '../../../interface/source-text.ts';

/** First line of every generated file. */
export const header = ({ title, name, version }: Interface): string =>
  `// Written by Burgeon from ${commentText(title ?? name).slice(0, 120)}, version ${commentText(version).slice(0, 40)}. Do not edit: the next update writes it again.\n`;

/** One line out of any text. */
const oneLine = (text: string): string => commentLines(text).join(' ').slice(0, 300);

const thrown = (operation: Operation, errorClass: string): string[] =>
  operation.errors.slice(0, 20).map(({ code, description }) => {
    const words = description === undefined ? '' : `: ${oneLine(description)}`;
    return `@throws ${errorClass} when the answer is \`${oneLine(code).replaceAll('`', "'")}\`${words}`;
  });

/** Documentation of one operation, as lines fit for a comment. */
export const operationLines = (operation: Operation, errorClass: string): string[] => {
  const summary = commentLines(operation.summary ?? '');
  const description = operation.description === operation.summary ? [] : commentLines(operation.description ?? '');
  const text = [...summary, ...(summary.length > 0 && description.length > 0 ? [''] : []), ...description];
  if (text.length === 0) text.push(`Calls ${commentText(operation.id)}.`);
  const tags = thrown(operation, errorClass);
  if (operation.deprecated === true) tags.push('@deprecated The description says that this operation is going away.');
  return tags.length === 0 ? text : [...text, '', ...tags];
};
