import { readFileSync } from 'node:fs';
import { defaultBudget, type Interface, type SourceContext, type SourceInput } from '@burgeon/kit';
import { openapi } from '../../packages/burgeon/src/adapters/sources/openapi/index.ts';
import { systemClock } from '../../packages/burgeon/src/base/clock.ts';
import { silentLogger } from '../../packages/burgeon/src/base/log.ts';

const context = (): SourceContext => ({
  budget: defaultBudget,
  clock: systemClock,
  log: silentLogger,
  signal: new AbortController().signal,
});

/** Reads the text of an OpenAPI document in this process. */
export const readText = (location: string, text: string): Promise<Interface> => {
  const input: SourceInput = { kind: 'document', location, text };
  return openapi.read(input, context());
};

/** Reads an OpenAPI file in this process. */
export const readFile = (path: string): Promise<Interface> => readText(path, readFileSync(path, 'utf8'));
