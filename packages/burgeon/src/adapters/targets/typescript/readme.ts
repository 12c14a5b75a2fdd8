/** The one page of a stand-alone package. */
import type { Interface, TargetOptions } from '@burgeon/kit';
import { kebabOf } from '../../../interface/naming.ts';
import { markdownText } from '../../../interface/prose-text.ts';
import type { ClientFiles } from './pieces.ts';

const plural = (count: number): string => `${count} operation${count === 1 ? '' : 's'}`;

/** Text of `README.md`. */
export const readmeFile = (description: Interface, options: TargetOptions, client: ClientFiles): string => {
  const name = kebabOf(options.module.split('/').at(-1) ?? description.name);
  const title = markdownText((description.title ?? description.name).slice(0, 200));
  return [
    `# ${name}`,
    '',
    `A client of ${title}, version ${markdownText(description.version.slice(0, 40))}: ${plural(description.operations.length)}, no dependencies.`,
    '',
    '```ts',
    `import { createApi } from '${name}';`,
    '',
    `const api = ${client.making};`,
    '```',
    '',
    'Every operation is a method of `api`, documented in `index.ts`; its types are in `types.ts`. Build it with `npm run build`.',
    '',
    ...client.notes,
    '',
    `Written by Burgeon from module ${markdownText(options.module)} ${markdownText(options.version)}.`,
    '',
  ].join('\n');
};
