/** The one page of a stand-alone package. */
import type { TargetOptions } from '@burgeon/kit';
import { kebabOf } from '../../../interface/naming.ts';
import { commentLines } from '../../../interface/source-text.ts';
import { markdownCode, markdownText } from '../../../interface/prose-text.ts';
import type { Plan } from './plan.ts';

const schemeLine = (name: string, kind: string, description: string | undefined): string =>
  `- ${markdownCode(name)} (${kind})${description === undefined ? '' : `: ${markdownText(commentLines(description).join(' ').slice(0, 300))}`}`;

/** Text of `README.md`. */
export const readmeFile = (plan: Plan, options: TargetOptions): string => {
  const { description } = plan;
  const name = kebabOf(options.module.split('/').at(-1) ?? description.name);
  const first = plan.operations[0]?.name ?? 'raw';
  const schemes = Object.entries(description.auth).map(([key, scheme]) => schemeLine(key, scheme.kind, scheme.description));
  return [
    `# ${name}`,
    '',
    `A client of ${markdownText((description.title ?? description.name).slice(0, 200))}, version ${markdownText(description.version.slice(0, 40))}: ${plan.operations.length} operations, no dependencies.`,
    '',
    '```ts',
    `import { createApi } from '${name}';`,
    '',
    `const api = createApi(${schemes.length === 0 ? '' : '{ auth: () => process.env.TOKEN }'});`,
    `const result = await api.${first}(/* input */);`,
    '```',
    '',
    ...(schemes.length === 0 ? [] : ['`auth(scheme)` gives the credential of a scheme:', '', ...schemes, '']),
    'Answers that are no success throw `HttpError` (`status`, `body`, `headers`); inputs that cannot be sent throw `InputError`.',
    '`api.raw.call(operation, input)` gives status and headers beside the output. Build it with `npm run build`.',
    '',
    `Written by Burgeon from module ${markdownText(options.module)} ${markdownText(options.version)}.`,
    '',
  ].join('\n');
};
