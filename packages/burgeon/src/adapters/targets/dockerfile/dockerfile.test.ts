import type { Interface } from '@burgeon/kit';
import { targetSuite } from '@burgeon/kit/suites';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { petInterface } from '../../checks/fixtures/candidates.ts';
import { dockerfile } from './index.ts';
import { lintDockerfile } from './lint.ts';

const program: Interface = { ...petInterface(), source: { kind: 'module', location: 'm', digest: 'a' }, title: 'Pets' };
const options = { module: 'skill/pets', version: '1.2.3', form: 'standalone' } as const;
const written = async (change: Partial<Interface> = {}, module = options.module as string): Promise<string> =>
  (await dockerfile.write({ ...program, ...change }, { ...options, module }))[0]?.text ?? '';

targetSuite({ describe, it, expect } as never, { target: dockerfile, interfaces: { program, data: petInterface() } });

describe('the Dockerfile of a module', () => {
  it('has a stage for each language, each without rights', async () => {
    const text = await written();
    expect([...text.matchAll(/^FROM (.*)$/gm)].map(([, from]) => from)).toEqual([
      '${PYTHON_IMAGE} AS python',
      '${NODE_IMAGE} AS node',
      'scratch AS binary',
    ]);
    expect(text.match(/^USER 65534:65534$/gm)).toHaveLength(3);
    expect(text).toContain(
      'LABEL org.opencontainers.image.title="skill/pets" \\\n      org.opencontainers.image.version="1.2.3"',
    );
    expect(text).not.toMatch(/^(?:RUN|CMD|ENTRYPOINT|ADD|ENV) /m);
  });

  it('holds whatever a description says inside its quotes', () =>
    fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (words) => {
        const text = await written({ description: `${words}"\nRUN rm -rf /\n#$HOME\\` });
        expect(lintDockerfile(text)).toEqual([]);
        expect(text.split('\n').filter((line) => /^\s*RUN/.test(line))).toEqual([]);
        expect(text.split('\n').length).toBe((await written()).split('\n').length);
      }),
    ));

  it('names no image by what a module is called', async () => {
    const text = await written({}, 'skill/x\nRUN evil');
    expect(text.split('\n').filter((line) => line.startsWith('RUN'))).toEqual([]);
    expect(lintDockerfile(text)).toEqual([]);
  });
});

describe('the lint', () => {
  const good = [
    'FROM python:3.14.2-slim',
    'LABEL org.opencontainers.image.title=a org.opencontainers.image.version=1',
    'COPY --chmod=555 . /m/',
    'HEALTHCHECK NONE',
    'USER 1000',
  ];
  const codes = (lines: string[]): string[] => lintDockerfile(lines.join('\n')).map(({ code }) => code);
  const changed = (from: string, to: string): string[] => good.map((line) => (line.startsWith(from) ? to : line));

  it.each<[string, string[]]>([
    ['all in order', good],
    ['a digest', changed('FROM', `FROM python@sha256:${'a'.repeat(64)}`)],
    ['a registry with a port', changed('FROM', 'FROM --platform=linux/amd64 registry.example:5000/a/b:1.2 AS x')],
    ['a list over two lines', [...good, 'RUN ["a", \\', '# why', '  "b"]']],
    ['small letters', changed('USER', 'user 1000')],
    ['a stage on top of another', [...changed('FROM', 'FROM a:1 AS base'), ...changed('FROM', 'FROM base')]],
  ])('passes %s', (_, lines) => expect(codes(lines)).toEqual([]));

  it.each<[string, string[]]>([
    ['base-missing', ['USER 1']],
    ['base-unpinned', changed('FROM', 'FROM python')],
    ['base-unpinned', changed('FROM', 'FROM python:latest')],
    ['base-unpinned', changed('FROM', 'FROM registry.example:5000/python')],
    ['base-unpinned', ['ARG BASE=python', ...changed('FROM', 'FROM $BASE')]],
    ['base-unpinned', ['ARG BASE', ...changed('FROM', 'FROM ${BASE}')]],
    ['user-root', changed('USER', 'USER 0:0')],
    ['user-root', changed('USER', 'USER root')],
    ['user-root', [...good, 'USER 0']],
    ['user-root', good.slice(0, -1)],
    ['shell-form', [...good, 'RUN apt-get install x']],
    ['shell-form', [...good, 'CMD python main.py']],
    ['shell-form', [...good, 'ENTRYPOINT []']],
    ['shell-form', [...good, "CMD ['a']"]],
    ['add-used', [...good, 'ADD https://a.example/x /x']],
    ['mode-missing', [...good, 'COPY a b']],
    ['secret-inside', [...good, 'ENV API_TOKEN=x']],
    ['secret-inside', [...good, 'ARG db_password']],
    ['health-probe', changed('HEALTHCHECK', 'HEALTHCHECK CMD ["x"]')],
    ['health-probe', changed('HEALTHCHECK', '')],
    ['label-missing', changed('LABEL', 'LABEL org.opencontainers.image.title=a')],
    ['instruction-unknown', [...good, 'MAINTAINER x']],
  ])('finds %s', (code, lines) => expect(codes(lines)).toContain(code));
});
