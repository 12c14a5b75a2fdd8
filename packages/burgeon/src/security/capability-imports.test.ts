import { describe, expect, it } from 'vitest';
import { capabilityKind, capabilityOfImport, capabilitySpecifiers } from './capability-imports.ts';

describe('capability imports', () => {
  it.each([
    ['burgeon:cap/http', 'net.http'],
    ['burgeon:cap/net.http', 'net.http'],
    ['burgeon:cap/secret', 'secret.use'],
    ['burgeon:cap/clock', 'clock'],
    ['burgeon:cap/constructor', undefined],
    ['burgeon:cap/', undefined],
    ['burgeon:runtime', undefined],
  ])('%s is %s', (specifier, kind) => expect(capabilityKind(specifier)).toBe(kind));

  it('reads attributes as the vocabulary writes them', () => {
    const attributes = { hosts: 'a.example, b.example,', methods: 'GET', private: 'true', other: 'x', ['__proto__']: 'y' };
    expect(capabilityOfImport('burgeon:cap/http', attributes)?.scope).toMatchObject({
      hosts: ['a.example', 'b.example'],
      methods: ['GET'],
      private: true,
      other: 'x',
    });
    expect(capabilityOfImport('burgeon:cap/model', { classes: 'small', budget: '5' })?.scope).toEqual({
      classes: ['small'],
      budget: 5,
    });
    expect(capabilityOfImport('burgeon:cap/fs', { globs: 'a/**', mode: 'read' })?.scope).toEqual({
      globs: ['a/**'],
      mode: 'read',
    });
    expect(capabilityOfImport('burgeon:cap/nothing', {})).toBeUndefined();
  });

  it('names every kind once', () => {
    const all = capabilitySpecifiers();
    expect(new Set(all.flatMap(({ specifiers }) => specifiers)).size).toBe(all.flatMap(({ specifiers }) => specifiers).length);
    expect(all.find(({ kind }) => kind === 'net.http')).toEqual({
      kind: 'net.http',
      name: 'http',
      specifiers: ['burgeon:cap/net.http', 'burgeon:cap/http'],
    });
  });
});
