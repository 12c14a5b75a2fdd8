import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { BundleFile, Interface, JsonSchema, TargetOptions } from '@burgeon/kit';
import { isObject } from '../../base/json.ts';
import type { HttpBinding } from '../../bindings/http/binding.ts';
import { targets } from './index.ts';

/** Twelve ways to break out of a comment, a string, a name, a template, a page or a header. */
const payloads: Record<string, string> = {
  comment: '*/ evil(); /*',
  template: '`${evil()}`',
  quotes: `'"; evil(); "'`,
  element: '</script><script>evil()</script><!-- -->',
  lines: 'a\n\r\n\u2028evil();\u2029// @ts-ignore\n//# sourceMappingURL=evil.map',
  constructor: 'constructor',
  prototype: '__proto__',
  page: '---\nname: evil\n---\n# Evil\n- [x](javascript:evil()) ![](x) <img src=x onerror=evil()>\n```\nevil\n```',
  type: '"]:any};evil();//',
  escapes: "\\u0027;evil();//\\x27\\'\\",
  controls: '\0\u001b[31m\u202eevil()\u200b\ufeff\ud800',
  long: `${'evil();'.repeat(700)}*/`,
};

const positions: string[] = [];

/** A description in which the text at one position is hostile; it also lists the positions. */
const hostile = (active: string, payload: string): Interface => {
  const text = (position: string, benign: string): string => {
    if (!positions.includes(position)) positions.push(position);
    return position === active ? payload : benign;
  };
  const table = <T>(...entries: [string, T][]): Record<string, T> =>
    Object.fromEntries(entries.map(([key, value]) => [key, value]));
  const own = <T>(key: string, value: T): Record<string, T> =>
    JSON.parse(`{${JSON.stringify(key)}: ${JSON.stringify(value)}}`) as Record<string, T>;
  const type = text('type name', 'Pet');
  const reference = { $ref: `#/types/${type.replaceAll('~', '~0').replaceAll('/', '~1')}` };
  const operationId = text('operation id', 'getPet');
  const scheme = text('auth name', 'key');
  const parameter = text('parameter property', 'petId');
  const pet: JsonSchema = {
    type: 'object',
    title: text('type title', 'Pet'),
    description: text('type description', 'A pet'),
    properties: {
      ...own<JsonSchema>(text('property name', 'name'), {
        type: 'string',
        title: text('property title', 'Name'),
        description: text('property description', 'Its name'),
        default: text('default', 'Rex'),
        examples: [text('schema example', 'Rex')],
        pattern: text('pattern', '^.*$'),
      }),
      kind: { enum: [text('enum value', 'cat'), 'dog'] },
      tag: { const: text('const', 'pet') },
      when: { format: text('format', 'date') },
      data: {
        type: 'string',
        contentEncoding: text('content encoding', 'base64'),
        contentMediaType: text('content media type', 'image/png'),
      },
      nested: { const: own(text('const property', 'a'), [text('const item', 'b')]) as never },
      any: {
        oneOf: [reference, { type: text('type keyword', 'string') }],
        discriminator: {
          propertyName: text('discriminator name', 'kind'),
          mapping: own(text('discriminator value', 'cat'), reference.$ref),
        },
      },
    },
    patternProperties: own<JsonSchema>(text('property pattern', '^x-'), { type: 'string' }),
    required: [text('required name', 'kind')],
  };
  const binding: HttpBinding = {
    method: text('method', 'POST'),
    path: text('path', '/pets'),
    query: [[text('query name', 'v'), text('query value', '1')]],
    parameters: [{ name: text('parameter name', 'petId'), property: parameter, in: 'query', style: 'form', explode: true }],
    body: {
      property: 'body',
      required: true,
      contents: [
        {
          mediaType: text('media type', 'application/json'),
          schema: reference,
          encoding: own(text('encoding name', 'name'), { contentType: text('part type', 'text/plain') }),
          examples: [{ name: text('example key', 'one'), value: text('content example', 'x') }],
        },
      ],
      mediaTypeProperty: 'contentType',
    },
    responses: [
      {
        status: '200',
        description: text('response description', 'OK'),
        contents: [{ mediaType: text('response media type', 'application/json'), schema: reference }],
        headers: own(text('header name', 'x-rate'), { schema: { description: text('header description', 'Rate') } }),
      },
    ],
  };
  return {
    format: 'burgeon.interface/1',
    name: text('name', 'pets'),
    title: text('title', 'Pets'),
    version: text('version', '1.0'),
    description: text('description', 'All pets.'),
    source: { kind: 'test', location: text('source location', 'here'), digest: '00' },
    locations: [
      {
        url: text('location', 'https://{host}/v1'),
        description: text('location description', 'Main'),
        variables: own(text('variable name', 'host'), { default: text('variable value', 'example.com') }),
      },
    ],
    operations: [
      {
        id: operationId,
        summary: text('summary', 'Gets a pet'),
        description: text('operation description', 'Gets one.'),
        deprecated: true,
        tags: [text('tag', 'pets')],
        effect: 'read',
        idempotent: true,
        input: {
          type: 'object',
          properties: {
            ...own<JsonSchema>(parameter, { type: 'string', description: text('parameter description', 'Id') }),
            body: reference,
            contentType: { enum: [text('chosen media type', 'application/json')] },
          },
          required: ['body'],
        },
        output: reference,
        outputCode: '200',
        errors: [{ code: text('error code', '404'), description: text('error description', 'None'), schema: reference }],
        auth: [own(scheme, [text('scope', 'read')])],
        pagination: {
          style: 'cursor',
          input: { position: parameter },
          output: { items: '/items', next: text('pointer', '/next') },
        },
        examples: [{ name: text('example name', 'one'), input: { body: text('example value', 'x') } }],
        bindings: { http: binding as never },
      },
    ],
    channels: [],
    entities: [{ name: text('entity name', 'pet'), type: reference, key: ['name'], operations: {} }],
    types: own<JsonSchema>(type, pet),
    auth: own(scheme, {
      kind: 'apiKey' as const,
      description: text('auth description', 'A key'),
      bindings: table(['http', { place: 'header', name: text('auth header', 'x-key') }]),
    }),
    origins: {},
    diagnostics: [],
  };
};

hostile('', '');

type Node = { type: string } & Record<string, unknown>;

const isNode = (value: unknown): value is Node => isObject(value) && typeof value['type'] === 'string';

const nodesOf = (program: unknown): Node[] => {
  const found: Node[] = [];
  const waiting: unknown[] = [program];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (Array.isArray(next)) waiting.push(...next);
    else if (isObject(next)) {
      if (isNode(next)) found.push(next);
      waiting.push(...Object.values(next));
    }
  }
  return found;
};

/** What generated code calls, and nothing else may be called. */
const callees = new Set(['call', 'pages', 'raw.call', 'raw.pages', 'send', 'walk', 'createClient', 'JSON.parse', '[].join']);

const calleeOf = (node: Node): string => {
  const callee = node['callee'] as Node;
  if (callee.type === 'Identifier') return String(callee['name']);
  const object = callee['object'] as Node | undefined;
  return `${object?.type === 'ArrayExpression' ? '[]' : String(object?.['name'])}.${String((callee['property'] as Node | undefined)?.['name'])}`;
};

/** Kinds of top-level statements, in order. */
const checkCode = (path: string, source: string): string[] => {
  const { program, comments, errors } = parseSync(path, source);
  expect(errors).toEqual([]);
  for (const node of nodesOf(program)) {
    if (node.type === 'CallExpression') expect(callees).toContain(calleeOf(node));
    expect([
      'TSAnyKeyword',
      'TemplateLiteral',
      'NewExpression',
      'TaggedTemplateExpression',
      'Decorator',
      'ImportExpression',
    ]).not.toContain(node.type);
  }
  for (const { value } of comments) expect(value).not.toMatch(/@ts-|sourceMappingURL\s*=|<reference/i);
  expect(source).not.toMatch(/<\/script|<!--|[^\P{C}\n]|\p{Zl}|\p{Zp}/u);
  return program.body.map((statement) => statement.type);
};

const checkPage = (text: string): string[] => {
  const [, header = '', body = ''] = /^---\n([^]*?)\n---\n([^]*)$/.exec(text) ?? [];
  const frontmatter = parseYaml(header) as Record<string, unknown>;
  expect(Object.keys(frontmatter)).toEqual(['name', 'description', 'metadata']);
  expect(Object.keys(frontmatter['metadata'] as object)).toEqual(['burgeon-module']);
  expect(frontmatter['name']).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  expect(String(frontmatter['description']).length).toBeLessThanOrEqual(1_024);
  checkMarkdown(body);
  return body.split('\n').map((line) => /^(#+ |- |```|---|)/.exec(line)?.[0] ?? '');
};

/** Outside code there is no live markup. */
const checkMarkdown = (text: string): void => {
  const words = text.replace(/^```[^]*?^```/gm, '').replace(/(`+)(?!`)[^\n]*?[^`\n]\1(?!`)/g, '');
  expect(words).not.toMatch(/(^|[^\\])[<`]/);
  expect(words).not.toMatch(/(^|[^\\])\]\(/);
};

/** Most positions leave most files as they are. */
const checked = new Map<string, unknown>();

const checkOnce = (file: BundleFile): unknown => {
  const key = `${file.path}\n${file.text}`;
  if (!checked.has(key)) checked.set(key, checkFile(file));
  return checked.get(key);
};

const checkFile = ({ path, text }: BundleFile): unknown => {
  if (path.endsWith('.ts')) return checkCode(path, text);
  if (path === 'SKILL.md') return checkPage(text);
  if (path.endsWith('.md')) return checkMarkdown(text);
  const value = JSON.parse(text) as Record<string, unknown>;
  return Object.keys(value);
};

const forms: [string, TargetOptions['form']][] = [
  ['typescript', 'stub'],
  ['typescript', 'standalone'],
  ['openapi', 'stub'],
  ['skill-md', 'stub'],
];

const shapeOf = async (
  description: Interface,
  [name, form]: [string, TargetOptions['form']],
): Promise<Record<string, unknown>> => {
  const target = await targets[name]?.();
  const files = (await target?.write(description, { module: 'api/pets', version: '1.0.0', form })) ?? [];
  const written = files.filter(({ path }) => !path.startsWith('runtime'));
  for (const { path } of files) expect(path).toMatch(/^[\w-]+(\/[\w-]+)*(\.d)?\.\w+$/);
  return Object.fromEntries(written.map((file) => [file.path, checkOnce(file)]));
};

describe('hostile text in every position', () => {
  it('covers at least 48 positions and 12 payloads', () => {
    expect(positions.length).toBeGreaterThanOrEqual(48);
    expect(Object.keys(payloads)).toHaveLength(12);
  });

  it.each(forms)('changes nothing about the form of %s (%s)', async (name, form) => {
    const benign = await shapeOf(hostile('', ''), [name, form]);
    for (const position of positions) {
      for (const payload of Object.values(payloads)) {
        const shape = await shapeOf(hostile(position, payload), [name, form]);
        expect({ position, payload: payload.slice(0, 40), shape }).toEqual({
          position,
          payload: payload.slice(0, 40),
          shape: benign,
        });
      }
    }
  });
});
