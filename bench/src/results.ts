import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { bench, machine, type Machine } from './machine.ts';

/** One row of the table of figures: what came out, and whether it reaches the line. */
export interface Figure {
  measured: string;
  met: boolean;
}

/** What one script leaves in `results/`. */
export interface Results {
  command: string;
  /** ISO 8601, UTC. */
  measuredAt: string;
  machine: Machine;
  /** By the key of the row in `report.ts`. */
  figures: Record<string, Figure>;
  /** The table that was printed. */
  table: string;
  details: unknown;
}

const folder = join(bench, 'results');

/** Prints the table and keeps everything as `results/NAME.json`. */
export const save = async (
  name: string,
  { figures, table, details }: Pick<Results, 'figures' | 'table' | 'details'>,
): Promise<void> => {
  const command = `npm run ${name}`;
  const results: Results = { command, measuredAt: new Date().toISOString(), machine: machine(), figures, table, details };
  mkdirSync(folder, { recursive: true });
  const text = await format(JSON.stringify(results), { parser: 'json', printWidth: 130 });
  writeFileSync(join(folder, `${name}.json`), text);
  process.stdout.write(`\n${table}\n`);
};

/** What a script left, or nothing when it has not run. */
export const load = (name: string): Results | undefined => {
  try {
    return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Results;
  } catch {
    return undefined;
  }
};
