import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What the folder's INDEX.tsv says of a file. */
export interface Expected {
  operations: number;
  malformed: boolean;
}

/** The OpenAPI files of a folder, whose names hold `part`. */
export const openapiFiles = (folder: string, part: string): string[] =>
  readdirSync(folder).filter((file) => /\.(json|ya?ml)$/.test(file) && file.includes(part));

/** What a file is called here: its number, as in d011-name.json, or the whole of its name as a module's. */
export const shortName = (file: string): string =>
  /^[a-z]\d{3}(?=-)/.exec(file)?.[0] ??
  `f-${file
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(-50)
    .replaceAll(/^-|-$/g, '')}`;

/** What is expected of each file: empty without an index. */
export const expectations = (folder: string): Map<string, Expected> => {
  const index = join(folder, 'INDEX.tsv');
  if (!existsSync(index)) return new Map();
  const [head = '', ...lines] = readFileSync(index, 'utf8').trimEnd().split('\n');
  const column = (name: string): number => head.split('\t').indexOf(name);
  return new Map(
    lines.map((line) => {
      const cells = line.split('\t');
      const malformed = cells[column('stratum')]?.startsWith('malformed') ?? false;
      return [cells[column('file')] ?? '', { operations: Number(cells[column('operations')]), malformed }];
    }),
  );
};
