import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Action } from '../command.ts';
import { cyan } from '../text.ts';

/** `bench`: says where the figures are and how to measure them here. It measures nothing: the peers are not dependencies of Burgeon. */
export const bench: Action = async ({ terminal, words }) => {
  const folder = fileURLToPath(new URL('../../../../../bench', import.meta.url));
  const here = existsSync(folder);
  const [name] = words;
  const command = `cd ${here ? folder : 'bench'} && npm ci && npm start${name === undefined ? '' : ` -- ${name}`}`;
  terminal.result({ figures: 'docs/figures.md', folder: here ? folder : null, command }, () =>
    [
      'The figures, with the named peers in one run, stand in docs/figures.md of the repository.',
      here ? `Measure them here: ${cyan(command)}` : `They are measured in a clone of the repository: ${cyan(command)}`,
    ].join('\n'),
  );
};
