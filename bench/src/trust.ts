/**
 * What it takes to verify a module each time it is loaded, from the owner's signature to the last byte: node src/trust.ts [TIMES]. The modules
 * are the petstore of a published package as data, a module of 20 KB of code, and a description of 2.3 MB; each is read from disk every time.
 */
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestExtension, type Interface, type Manifest, type Program } from '../../packages/kit/src/index.ts';
import { targets } from '../../packages/burgeon/src/adapters/targets/index.ts';
import { sqlite } from '../../packages/burgeon/src/adapters/stores/sqlite.ts';
import { systemClock as clock } from '../../packages/burgeon/src/base/clock.ts';
import { normaliseInterface } from '../../packages/burgeon/src/interface/normalise.ts';
import { generate } from '../../packages/burgeon/src/pipeline/generate.ts';
import { openBlobs } from '../../packages/burgeon/src/registry/blobs.ts';
import { openRegistry } from '../../packages/burgeon/src/registry/registry.ts';
import { openAudit } from '../../packages/burgeon/src/security/audit.ts';
import { newOwnerKey } from '../../packages/burgeon/src/security/keys.ts';
import { verifySignature } from '../../packages/burgeon/src/registry/release.ts';
import { readText } from './reading.ts';
import { save } from './results.ts';
import { median, quantile, table } from './statistics.ts';

const times = Number(process.argv[2] ?? 500);
const folder = mkdtempSync(join(tmpdir(), 'burgeon-trust-'));
const signer = newOwnerKey();
const store = await sqlite.open(join(folder, 'burgeon.db'), { clock });
const audit = openAudit({ store, clock, key: signer });
const blobs = await openBlobs(join(folder, 'blobs'));
const registry = openRegistry({ store, blobs, audit, clock, signer });

const petstore = await readText(
  'petstore.json',
  readFileSync(createRequire(import.meta.url).resolve('@readme/oas-examples/3.0/json/petstore.json'), 'utf8'),
);

/** The same description with so many more types that it is 2.3 MB. */
const large = (): Interface => {
  const types = { ...petstore.types };
  const filler = {
    type: 'object',
    properties: Object.fromEntries(
      Array.from({ length: 12 }, (_, at) => [`field${at}`, { type: 'string', description: 'x'.repeat(80) }]),
    ),
  };
  for (let at = 0; at < 800; at += 1) types[`Large${at}`] = filler;
  const [first, ...rest] = petstore.operations;
  const used = {
    type: 'object',
    properties: Object.fromEntries(Object.keys(types).map((name) => [name, { $ref: `#/types/${name}` }])),
  };
  return normaliseInterface({
    ...petstore,
    name: 'large',
    types,
    operations: first ? [{ ...first, output: used }, ...rest] : [],
  } as Interface);
};

const line = 'export const step = (value: number): number => value + 1; // so that this file has as many bytes as are wanted\n';
const program: Program = {
  namespace: 'skill',
  card: { entry: 'index.ts', capabilities: [], dependencies: {} },
  about: {},
  files: [{ path: 'index.ts', text: 'export const operations = { a: async () => 1 };\n' + `// ${line}`.repeat(175) }],
};
const small = normaliseInterface({
  ...petstore,
  name: 'code',
  types: {},
  operations: petstore.operations.slice(0, 1).map((each) => ({ ...each, output: true, bindings: {} })),
} as Interface);

const modules = {
  'the petstore, as data': { interface: petstore },
  '20 KB of code': { interface: small, program },
  'a description of 2.3 MB': { interface: large() },
};

const rows: string[][] = [];
const details: Record<string, unknown> = {};
const medians: number[] = [];
for (const [name, grown] of Object.entries(modules)) {
  const candidate = await generate({ targets }, grown, '1.0.0');
  const { id } = (candidate.manifest as Manifest).extensions[manifestExtension];
  const staged = await registry.stage(candidate, { checks: [], trial: {} });
  const record = await registry.activate(staged, { ...staged, request: 'bench', receipts: [] });
  const bytes = record.files.reduce((sum, file) => sum + file.bytes, 0);
  const taken = { whole: [] as number[], signature: [] as number[], integrity: [] as number[] };
  const timed = async (into: number[], work: () => unknown): Promise<void> => {
    const begun = performance.now();
    await work();
    into.push(performance.now() - begun);
  };
  for (let at = 0; at < times; at += 1) {
    await timed(taken.whole, () => registry.load({ id, version: '1.0.0' }));
    await timed(taken.signature, () => verifySignature(record, { owners: () => [signer] }));
    await timed(taken.integrity, () => Promise.all(record.files.map(({ sha256 }) => blobs.get(sha256))));
  }
  const trust = taken.signature.map((each, at) => each + (taken.integrity[at] ?? 0));
  medians.push(median(trust));
  const both = (numbers: number[]): string => `${median(numbers).toFixed(2)} / ${quantile(numbers, 0.95).toFixed(2)}`;
  rows.push([
    name,
    String(record.files.length),
    `${Math.round(bytes / 1024)} KB`,
    both(taken.signature),
    both(taken.integrity),
    both(trust),
    both(taken.whole),
  ]);
  details[name] = {
    files: record.files.length,
    bytes,
    signatureMs: median(taken.signature),
    integrityMs: median(taken.integrity),
    trustMs: median(trust),
    trustP95Ms: quantile(trust, 0.95),
    loadMs: median(taken.whole),
  };
}
await store.close();
rmSync(folder, { recursive: true, force: true });

const head = ['module', 'files', 'bytes', 'signature', 'every byte', 'signature and integrity', 'the whole load, parsed'];
const [data = 0, code = 0, big = 0] = medians;
await save('trust', {
  table: `${table(head, rows)}\n\nMilliseconds, median / p95 of ${times}.`,
  figures: {
    verify: {
      measured: `${data.toFixed(2)} ms for a module that is data, ${code.toFixed(2)} ms for 20 KB of code, ${big.toFixed(2)} ms for 2.3 MB (medians)`,
      met: Math.max(data, code, big) <= 2,
    },
  },
  details,
});
