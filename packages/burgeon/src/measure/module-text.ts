/**
 * The module that everybody runs: 20 KB of code as a generator writes it, in plain JavaScript that needs nothing. `head` brings in `host.number`
 * where a contender has it, `tail` hands `operations` out.
 */
export const moduleText = (head: string, tail: string): string => {
  const actions = Array.from({ length: 40 }, (_, at) => action(at)).join('\n');
  return `${head}\n${preamble}\n${actions}\n${kernel}\nconst operations = { tiny, kernel, host: async () => ({ number: await host.number() }), up: async () => ({ count: ++count }),\n${Array.from({ length: 40 }, (_, at) => `  action${at},`).join('\n')}\n};\n${tail}\n`;
};

const preamble = `let count = 0;
const tiny = async (input) => ({ sum: input.a + 1, text: 'hello' });
const required = (input, name) => { if (input[name] === undefined) throw new Error('missing ' + name); return input[name]; };`;

/** What modules do with the processor: records into other records, by way of JSON, texts, sorting, grouping and patterns. */
const kernel = `const kernel = async ({ rounds }) => {
  let seed = 1, kept = 0, length = 0;
  const next = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 8;
  for (let at = 0; at < rounds; at++) {
    const records = [];
    for (let row = 0; row < 40; row++) records.push({ id: next() % 1000, name: 'item-' + (next() % 5000), tags: ['a' + (next() % 7), 'b'], price: (next() % 10000) / 100 });
    const read = JSON.parse(JSON.stringify(records));
    const groups = new Map();
    for (const { tags, price } of read) groups.set(tags[0], (groups.get(tags[0]) ?? 0) + price);
    const chosen = read.filter(({ price }) => price > 20).sort((x, y) => x.id - y.id || (x.name < y.name ? -1 : 1));
    let weights = 0;
    for (let row = 0; row < 2000; row++) weights = (weights + (row ^ at) * 31) & 0xffffff;
    kept += chosen.length + groups.size + (weights & 1);
    length += chosen.map(({ name, price }) => name.replace(/-(\\d+)$/, (_, digits) => ':' + digits) + '=' + price.toFixed(2)).join('&').length;
  }
  return { kept, length };
};`;

const action = (at: number): string => `/** Reads resource ${at} and turns it into what callers expect. */
const action${at} = async (input) => {
  const id = required(input, 'id');
  const query = new Map();
  for (const name of ['limit', 'offset', 'sort', 'order', 'filter']) if (input[name] !== undefined) query.set(name, String(input[name]));
  const path = '/resources/${at}/' + encodeURIComponent(String(id)) + '?' + [...query].map(([k, v]) => k + '=' + encodeURIComponent(v)).join('&');
  return { path, kind: 'resource-${at}' };
};`;
