/**
 * Takes every OpenAPI file of a folder through the whole of Burgeon and prints one table: what loads, what compiles, what a client asks and a
 * mirror answers, what agrees, what MCP serves, how long it takes: node src/corpus.ts [FOLDER] [NAME-PART]. A part of the names only prints.
 */
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBurgeon, type Burgeon } from '../../packages/burgeon/src/burgeon.ts';
import { expectations, openapiFiles, shortName } from './corpus-files.ts';
import { corpusFigures, corpusTable } from './corpus-figures.ts';
import { takeThrough, type Outcome } from './corpus-outcome.ts';
import { compiles } from './ejected-client.ts';
import { corpusFolder, root, skip } from './machine.ts';
import { save } from './results.ts';

const folder = corpusFolder(process.argv[2]);
const part = process.argv[3] ?? '';

const open = async (home: string): Promise<Burgeon> => {
  const first = await createBurgeon({ home });
  await first.init({ policy: 'unattended', totp: false });
  await first.close();
  return createBurgeon({ home });
};

const line = (outcome: Outcome): string => {
  const { refused, operations, requests, answers, agreement, tools, addMs, warmMs } = outcome;
  if (refused !== undefined) return refused;
  const parts = [
    `${operations} operations`,
    `${requests.accepted}/${requests.asked} asked`,
    `${answers.conform}/${answers.answered} conform`,
    `${agreement.agreeing}/${agreement.pairs} agree`,
    `${tools.tools} tools`,
    `${addMs.toFixed(0)} ms`,
    `warm ${warmMs.toFixed(0)} ms`,
  ];
  return parts.join(', ');
};

const takeAll = async (burgeon: Burgeon, work: string): Promise<{ outcomes: Outcome[]; compiled: number }> => {
  const known = expectations(folder);
  const outcomes: Outcome[] = [];
  let compiled = 0;
  for (const file of openapiFiles(folder, part)) {
    const out = join(work, shortName(file));
    const outcome = await takeThrough(burgeon, { folder, file, out }, known.get(file) ?? { operations: 0, malformed: false });
    outcomes.push(outcome);
    if (outcome.refused === undefined && compiles(out)) compiled += 1;
    process.stdout.write(`${shortName(file)} ${line(outcome)}\n`);
    const failures = [...outcome.requests.failures, ...outcome.answers.failures, ...outcome.agreement.failures];
    for (const failure of failures.slice(0, 5)) process.stdout.write(`     ${failure}\n`);
  }
  return { outcomes, compiled };
};

const main = async (): Promise<void> => {
  if (!existsSync(folder)) return skip('corpus', `there is no folder ${folder}. Name one: node src/corpus.ts FOLDER`);
  const work = mkdtempSync(join(tmpdir(), 'burgeon-corpus-'));
  writeFileSync(join(work, 'package.json'), '{"type":"module"}');
  symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'));
  const burgeon = await open(join(work, 'home'));
  const { outcomes, compiled } = await takeAll(burgeon, work);
  await burgeon.close();
  rmSync(work, { recursive: true, force: true });
  const figures = corpusFigures(outcomes, compiled);
  const table = corpusTable(figures);
  if (part !== '') return void process.stdout.write(`\n${table}\n`);
  // What failed is for whoever looks into it; it holds words of the files, which stay where they are.
  const details = outcomes.map(({ requests, answers, agreement, refused, ...rest }) => ({
    ...rest,
    file: shortName(rest.file),
    ...(refused === undefined ? {} : { refused: refused.split(':', 1)[0] }),
    requests: { asked: requests.asked, accepted: requests.accepted },
    answers: { answered: answers.answered, conform: answers.conform, failed: answers.failed },
    agreement: { pairs: agreement.pairs, agreeing: agreement.agreeing },
  }));
  await save('corpus', { figures, table, details });
};

await main();
