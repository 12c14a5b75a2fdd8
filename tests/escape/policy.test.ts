import { execFileSync } from 'node:child_process';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Host } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { type Snippet, bypasses } from '../../packages/burgeon/src/adapters/checks/policy/fixtures/corpus.ts';
import { isolate } from '../../packages/burgeon/src/adapters/hosts/isolate/index.ts';
import { strict } from '../../packages/burgeon/src/adapters/hosts/strict/index.ts';
import { silentLogger } from '../../packages/burgeon/src/base/log.ts';
import { granted, hostContext, limited, scriptModule } from '../../packages/burgeon/src/walls/fixtures/script-module.ts';
import { missingHost } from '../proof.ts';

/** What code prints when it made code out of text or changed the language; nothing else prints it. */
const word = 'PWNED';

/** A way out as the body of a function: what it makes code of now prints the word. Undefined when it is no such body. */
const bodyOf = ({ code, rule }: Snippet): string | undefined => {
  // A module cannot hold it, even where a function could.
  if (rule === 'policy-unreadable') return undefined;
  const text = code
    .replaceAll(/'return 1'|"return 1"/g, `'console.log("${word}")'`)
    .replaceAll('`return 1`', `\`console.log("${word}")\``);
  try {
    const [, body = ''] = /^\(async \(\) => \{([^]*)\}\)$/.exec(stripTypeScriptTypes(`(async () => {\n${text}\n})`)) ?? [];
    return (compile(`'use strict';${body}`), body);
  } catch {
    return undefined;
  }
};

const compile = (async () => {}).constructor as (code: string) => unknown;

const tried = bypasses.flatMap((snippet) => {
  const body = bodyOf(snippet);
  return body === undefined ? [] : [{ ...snippet, body, aims: body.includes(word) }];
});
const told = tried.filter(({ rule }) => rule === 'guarded');

/** Which of the bodies print the word in a process that nothing holds. */
const unwalled = (bodies: readonly string[]): boolean[] =>
  JSON.parse(
    execFileSync(process.execPath, [fileURLToPath(new URL('./unwalled.ts', import.meta.url))], {
      input: JSON.stringify({ bodies, word }),
      encoding: 'utf8',
    }),
  ) as boolean[];

/** A module with an operation for each body, and one that waits for timers. */
const moduleOf = (bodies: readonly string[]): string => {
  const operations = bodies.map((body, index) => `s${index}: async () => { ${body}\n}`);
  return `export const operations = { ${operations.join(',\n')}, rest: () => new Promise((done) => setTimeout(done, 30)) };`;
};

/** Runs each body on a host, as operations of one module; those that an engine cannot read are found by halving and left out. */
const onHost = async (host: Host, bodies: readonly string[], printed: string[]): Promise<number> => {
  const log = { ...silentLogger, info: (text: string) => void printed.push(text) };
  const instance = await host.start(
    scriptModule('skill/hostile', moduleOf(bodies)),
    granted(),
    limited({ wallMs: 1_000, cpuMs: 1_000 }),
    hostContext({ trusted: false, log }),
  );
  try {
    try {
      await instance.init();
    } catch {
      if (bodies.length === 1) return 0;
      const half = Math.ceil(bodies.length / 2);
      return (await onHost(host, bodies.slice(0, half), printed)) + (await onHost(host, bodies.slice(half), printed));
    }
    for (const index of bodies.keys()) await instance.call(`s${index}`, {}).catch(() => undefined);
    await instance.call('rest', {});
    return bodies.length;
  } finally {
    await instance.dispose();
  }
};

describe('ways out that the policy only tells of', () => {
  it('lead out where nothing holds them', () => {
    const aimed = told.filter(({ aims }) => aims);
    const reached = unwalled(aimed.map(({ body }) => body));
    expect(aimed.filter((_, index) => !reached[index]).map(({ code }) => code)).toEqual([]);
    expect(aimed.length).toBeGreaterThan(90);
  });
});

describe.each([
  ['isolate', isolate],
  ['strict', strict],
] as const)('ways out on %s', async (name, host) => {
  it.skipIf(await missingHost(name))('lead nowhere, whether the policy refuses them or not', async () => {
    const printed: string[] = [];
    const bodies = [...tried.map(({ body }) => body), `console.log('seen')`];
    const ran = await onHost(host, bodies, printed);
    expect(printed.filter((text) => text.includes(word))).toEqual([]);
    // What does print is seen to.
    expect(printed).toContain('seen');
    expect(ran).toBeGreaterThan(550);
  });
});
