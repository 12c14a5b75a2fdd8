import { BurgeonError, type BundleFile, type TargetOptions } from '@burgeon/kit';
import { parseSync } from 'oxc-parser';
import { targets } from '../../packages/burgeon/src/adapters/targets/index.ts';
import { readText } from './reading.ts';

/** Twelve ways to break out of a comment, a string, a name, a template, a page or a header. Each would call `evil`. */
const payloads: readonly string[] = [
  '*/ evil(); /*',
  '`${evil()}`',
  `'"; evil(); "'`,
  '</script><script>evil()</script><!-- -->',
  'a\n\r\n\u2028evil();\u2029// @ts-ignore\n//# sourceMappingURL=evil.map',
  '"]:any};evil();//',
  "\\u0027;evil();//\\x27\\'\\",
  '---\nname: evil\n---\n# Evil\n- [x](javascript:evil()) <img src=x onerror=evil()>\n```\nevil()\n```',
  '\0\u001b[31m\u202eevil()\u200b\ufeff\ud800',
  '){}; evil(); function x(',
  '${evil()}\\${evil()}',
  `${'evil();'.repeat(700)}*/`,
];

/** Counts what came of hostile text in every place where a document holds text of its author. */
export interface Injection {
  positions: number;
  payloads: number;
  /** Document, target and form. */
  written: number;
  /** Of those, in which the hostile text is found at all: quoted, escaped or in a comment. */
  reached: number;
  /** Documents that were refused with a reason, which is as good. */
  refused: number;
  injected: string[];
}

/** Builds the document; `text` gives the benign text of a place, or the hostile one when it is that place's turn. */
type Place = (name: string, benign: string) => string;

const schemasOf = (place: Place): object => ({
  [place('schema name', 'Pet')]: {
    type: 'object',
    title: place('schema title', 'Pet'),
    description: place('schema description', 'A pet.'),
    required: [place('required', 'name')],
    properties: {
      [place('property name', 'name')]: {
        type: 'string',
        title: place('property title', 'Name'),
        description: place('property description', 'Its name.'),
        default: place('default', 'Rex'),
        example: place('schema example', 'Rex'),
        pattern: place('pattern', '^.*$'),
        format: place('format', 'date'),
        [place('extension key', 'x-note')]: place('extension value', 'x'),
      },
      kind: { type: 'string', enum: [place('enum', 'cat'), 'dog'], 'x-enum-varnames': [place('enum name', 'CAT'), 'DOG'] },
      tag: { const: place('const', 'pet') },
      file: {
        type: 'string',
        contentEncoding: place('content encoding', 'base64'),
        contentMediaType: place('content type', 'image/png'),
      },
      code: { type: place('type', 'string') },
      next: { $ref: place('reference', '#/components/schemas/Next') },
    },
    patternProperties: { [place('property pattern', '^x-')]: { type: 'string' } },
    discriminator: {
      propertyName: place('discriminator', 'kind'),
      mapping: { [place('discriminator value', 'cat')]: '#/components/schemas/Next' },
    },
  },
  Next: {
    type: 'object',
    externalDocs: { url: place('documentation url', 'https://example.com'), description: place('documentation', 'More.') },
  },
});

const operationOf = (place: Place): object => ({
  operationId: place('operation id', 'getPet'),
  summary: place('summary', 'Gets a pet'),
  description: place('operation description', 'Gets one.'),
  deprecated: true,
  tags: [place('tag', 'pets')],
  security: [{ [place('security requirement', 'key')]: [place('scope', 'read')] }],
  parameters: [
    {
      name: place('parameter name', 'limit'),
      in: 'query',
      description: place('parameter description', 'How many.'),
      schema: { type: 'string' },
    },
    {
      name: 'X-Trace',
      in: place('parameter place', 'header'),
      style: place('parameter style', 'simple'),
      schema: { type: 'string' },
    },
  ],
  requestBody: {
    description: place('body description', 'A pet.'),
    content: {
      [place('media type', 'application/json')]: {
        schema: { $ref: '#/components/schemas/Pet' },
        examples: {
          [place('example name', 'one')]: { summary: place('example summary', 'One'), value: place('example value', 'x') },
        },
        encoding: { name: { contentType: place('part type', 'text/plain') } },
      },
    },
  },
  responses: {
    '200': {
      description: place('response description', 'OK'),
      headers: {
        [place('header name', 'X-Rate')]: { description: place('header description', 'Rate'), schema: { type: 'string' } },
      },
      content: { [place('response media type', 'application/json')]: { schema: { $ref: '#/components/schemas/Pet' } } },
      links: { [place('link name', 'next')]: { operationId: place('link operation', 'getPet') } },
    },
    [place('status', '404')]: { description: 'None.' },
  },
});

const documentOf = (place: Place): object => ({
  openapi: '3.1.0',
  info: {
    title: place('title', 'Pets'),
    version: place('version', '1.0'),
    description: place('description', 'All pets.'),
    summary: place('info summary', 'Pets'),
    contact: { name: place('contact', 'Ann'), url: place('contact url', 'https://example.com') },
    license: { name: place('licence', 'MIT') },
  },
  servers: [
    {
      url: place('server url', 'https://{host}/v1'),
      description: place('server description', 'Main'),
      variables: { [place('server variable', 'host')]: { default: place('server value', 'example.com') } },
    },
  ],
  paths: { [place('path', '/pets')]: { [place('method', 'post')]: operationOf(place) } },
  components: {
    schemas: schemasOf(place),
    securitySchemes: {
      [place('scheme name', 'key')]: {
        type: 'apiKey',
        in: 'header',
        name: place('scheme header', 'X-Key'),
        description: place('scheme description', 'A key'),
      },
    },
  },
});

const positions = (): string[] => {
  const found = new Set<string>();
  documentOf((name, benign) => {
    found.add(name);
    return benign;
  });
  return [...found];
};

/** True when parsed code calls `evil`, hides an error from the compiler, or does not parse. */
const callsEvil = (path: string, text: string): boolean => {
  const { program, comments, errors } = parseSync(path, text);
  if (errors.length > 0) return true;
  if (comments.some(({ value }) => /@ts-(ignore|nocheck|expect-error)|sourceMappingURL\s*=/.test(value))) return true;
  const waiting: unknown[] = [program];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (typeof node !== 'object' || node === null) continue;
    const { type, callee } = node as { type?: unknown; callee?: { name?: unknown } };
    if (type === 'CallExpression' && callee?.name === 'evil') return true;
    waiting.push(...Object.values(node));
  }
  return false;
};

/** True when a page holds live markup, or a header beyond its own, outside its code. */
const hasLiveMarkup = (text: string): boolean => {
  const words = text
    .replace(/^---\n[^]*?\n---\n/, '')
    .replace(/^```[^]*?^```/gm, '')
    .replace(/(`+)(?!`)[^\n]*?[^`\n]\1(?!`)/g, '');
  return (
    /(^|[^\\])<(script|img|!--)|(^|[^\\])\]\(javascript:/.test(words) || /^name: evil$/m.test(text.replace(/^```[^]*?^```/gm, ''))
  );
};

const isInjected = ({ path, text }: BundleFile): boolean => {
  if (path.endsWith('.ts')) return callsEvil(path, text);
  if (path.endsWith('.md')) return hasLiveMarkup(text);
  return typeof JSON.parse(text) !== 'object';
};

/** A judge that sees nothing finds nothing: it must condemn these. */
const seeded: readonly BundleFile[] = [
  { path: 'a.ts', text: '/** */ evil(); /* */' },
  { path: 'b.ts', text: '// @ts-ignore\nconst a = 1;' },
  { path: 'c.ts', text: 'const a = `' },
  { path: 'SKILL.md', text: '# A\n<script>evil()</script>' },
];

/** Reads 12 hostile texts in every position and writes every target in every form. */
export const injection = async (): Promise<Injection> => {
  const found: Injection = { positions: 0, payloads: payloads.length, written: 0, reached: 0, refused: 0, injected: [] };
  for (const file of seeded)
    if (!isInjected(file)) throw new BurgeonError('INTERNAL', { message: `The judge misses ${file.path}.` });
  const judged = new Map<string, boolean>();
  const judge = (file: BundleFile): boolean => {
    const key = `${file.path}\n${file.text}`;
    const known = judged.get(key) ?? isInjected(file);
    judged.set(key, known);
    return known;
  };
  for (const position of positions()) {
    found.positions += 1;
    for (const [number, payload] of payloads.entries()) {
      const document = JSON.stringify(documentOf((name, benign) => (name === position ? payload : benign)));
      const description = await readText('hostile.json', document).catch(() => undefined);
      if (!description) {
        found.refused += 1;
        continue;
      }
      for (const [name, load] of Object.entries(targets)) {
        for (const form of ['stub', 'standalone'] satisfies TargetOptions['form'][]) {
          const files = await (await load()).write(description, { module: 'api/pets', version: '1.0.0', form });
          found.written += 1;
          if (files.some(({ text }) => text.includes('evil'))) found.reached += 1;
          const bad = files.find(judge);
          if (bad) found.injected.push(`${position} x ${number + 1} in ${name}/${form}: ${bad.path}`);
        }
      }
    }
  }
  return found;
};

if (import.meta.main) process.stdout.write(`${JSON.stringify(await injection(), null, 1)}\n`);
