import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Candidate, JsonObject } from '@burgeon/kit';
import { readCandidate } from '../../packages/burgeon/src/cli/folder.ts';
import { assembleCandidate } from '../../packages/burgeon/src/security/bundle.ts';

/** Lines of the module that everybody judges. */
export const moduleLines = 1_000;

const names = [
  'order',
  'invoice',
  'parcel',
  'refund',
  'customer',
  'product',
  'stock',
  'price',
  'carrier',
  'return',
  'voucher',
  'basket',
];

const head = `import { http } from 'burgeon:cap/http' with { hosts: 'shop.example' };
import { clock } from 'burgeon:cap/clock';

/** What the shop answers when something is wrong. */
class ShopFault extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const ask = async (path: string, body?: unknown): Promise<unknown> => {
  const init = body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await http.fetch(\`https://shop.example/\${path}\`, init);
  if (answer.status >= 400) throw new ShopFault(answer.status, answer.body.slice(0, 200));
  return JSON.parse(answer.body);
};
`;

/** One kind of record: its type, how it is read, kept, summed up, found and sent. */
const section = (name: string, type: string): string => `
/** A ${name} as the shop keeps it. */
export interface ${type} {
  id: string;
  status: 'open' | 'paid' | 'closed';
  lines: { sku: string; count: number; cents: number }[];
  at: number;
  note?: string;
}

const ${name}Id = /^[a-z]{2}-\\d{4,8}$/;
const ${name}Known = new Map<string, { value: ${type}; until: number }>();

const is${type} = (value: unknown): value is ${type} => {
  if (typeof value !== 'object' || value === null || !('id' in value) || !('lines' in value)) return false;
  return typeof value.id === 'string' && Array.isArray(value.lines);
};

const sum${type} = ({ lines }: ${type}): number => {
  let cents = 0;
  for (const { count, cents: each, sku } of lines) {
    if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(\`\${sku} has a count of \${count}\`);
    cents += count * each;
  }
  return Math.round(cents) / 100;
};

export const get${type} = async ({ id }: { id: string }): Promise<${type} & { total: number }> => {
  if (!${name}Id.test(id)) throw new ShopFault(400, \`"\${id}" is no id\`);
  const now = await clock.now();
  const known = ${name}Known.get(id);
  if (known && known.until > now) return { ...known.value, total: sum${type}(known.value) };
  const value = await ask(\`${name}/\${encodeURIComponent(id)}\`);
  if (!is${type}(value)) throw new ShopFault(502, 'the shop sent something else');
  ${name}Known.set(id, { value, until: now + 60_000 });
  return { ...value, total: sum${type}(value) };
};

export const find${type} = async ({ ids, paid = false }: { ids: string[]; paid?: boolean }): Promise<{ found: ${type}[]; missing: string[] }> => {
  const found: ${type}[] = [];
  const missing: string[] = [];
  for (const id of new Set(ids)) {
    try {
      const { total, ...value } = await get${type}({ id });
      if (total > 0 && (!paid || value.status === 'paid')) found.push(value);
    } catch (error) {
      if (!(error instanceof ShopFault) || error.status !== 404) throw error;
      missing.push(id);
    }
  }
  return { found: found.toSorted((a, b) => a.at - b.at), missing };
};

export const describe${type} = async ({ id }: { id: string }): Promise<string> => {
  const { status, total, lines, note } = await get${type}({ id });
  const words = lines.map(({ sku, count }) => \`\${count} x \${sku.replace(/[^\\w-]+/g, ' ').trim()}\`);
  return [\`${name} \${id}: \${status}, \${total.toFixed(2)}\`, ...words, ...(note === undefined ? [] : [note])].join('\\n');
};
`;

const capital = (name: string): string => (name[0] ?? '').toUpperCase() + name.slice(1);

/** The text of the module: different records, one after another, until there are enough lines. */
const moduleText = (): { text: string; types: string[] } => {
  const types: string[] = [];
  let text = head;
  for (let index = 0; text.split('\n').length < moduleLines - 40; index += 1) {
    const name = `${names[index % names.length] ?? ''}${index < names.length ? '' : String(Math.floor(index / names.length))}`;
    types.push(capital(name));
    text += section(name, capital(name));
  }
  const table = types.flatMap((type) => ['get', 'find', 'describe'].map((verb) => `  ${verb}${type},`));
  return { text: `${text}\nexport const operations = {\n${table.join('\n')}\n};\n`, types };
};

const operationsOf = (types: readonly string[]): JsonObject => {
  const id = { properties: { id: { type: 'string' } }, required: ['id'] };
  const many = {
    properties: { ids: { type: 'array', items: { type: 'string' } }, paid: { type: 'boolean' } },
    required: ['ids'],
  };
  return Object.fromEntries(
    types.flatMap((type): [string, JsonObject][] => [
      [`get${type}`, { summary: `Gets one ${type}.`, effect: 'read', input: id, output: { type: 'object' } }],
      [`find${type}`, { summary: `Finds several of ${type}.`, effect: 'read', input: many, output: { type: 'object' } }],
      [`describe${type}`, { summary: `Describes one ${type}.`, effect: 'read', input: id, output: { type: 'string' } }],
    ]),
  );
};

/** Writes the module into a folder, as its author would have it. */
export const writeModule = (folder: string): void => {
  const { text, types } = moduleText();
  const card = {
    id: 'skill/shop',
    host: 'isolate',
    entry: 'index.ts',
    capabilities: [
      { kind: 'net.http', scope: { hosts: ['shop.example'] } },
      { kind: 'clock', scope: {} },
    ],
    operations: operationsOf(types),
  };
  const manifest = {
    $schema: 'https://agent-plugins.org/schemas/1.0.0/plugin.schema.json',
    name: 'skill.shop',
    version: '1.0.0',
    description: 'A shop: what is ordered, billed and sent.',
    license: 'Apache-2.0',
    extensions: { 'dev.burgeon.module': card },
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.ts'), text);
  writeFileSync(join(folder, 'plugin.json'), JSON.stringify(manifest, null, 2));
};

/** The module as a candidate, and others like it, each of them new; `salt` keeps those of one caller apart from another's. */
export const candidates = async (folder: string, salt = ''): Promise<{ text: string; next(): Candidate }> => {
  const first = await readCandidate(folder);
  const text = first.files.find(({ path }) => path === 'index.ts')?.text ?? '';
  let count = 0;
  return {
    text,
    next: () => {
      const changed = text.replaceAll('cents', `cents${salt}${++count}`);
      return assembleCandidate({
        ...first,
        files: first.files.map((file) => (file.path === 'index.ts' ? { ...file, text: changed } : file)),
      });
    },
  };
};
