import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPaths } from './fixtures/read.ts';
import { nameFromPath } from './operation-names.ts';

describe('names from method and path', () => {
  it.each([
    ['GET', '/pets', 'listPets'],
    ['POST', '/pets', 'createPet'],
    ['GET', '/pets/{petId}', 'getPet'],
    ['PUT', '/pets/{petId}', 'replacePet'],
    ['PATCH', '/pets/{petId}', 'updatePet'],
    ['DELETE', '/pets/{petId}', 'deletePet'],
    ['GET', '/api/v1/pets/{petId}/photos', 'listPetPhotos'],
    ['GET', '/categories/{id}/boxes/{box}', 'getCategoryBox'],
    ['POST', '/login', 'postLogin'],
    ['GET', '/status', 'getStatus'],
    ['GET', '/news', 'getNews'],
    ['HEAD', '/pets', 'checkPets'],
    ['COPY', '/pets/{id}', 'copyPet'],
    ['GET', '/', 'get'],
    ['GET', '/v1', 'getV1'],
    ['GET', '/{owner}/{repo}', 'getByOwnerByRepo'],
    ['POST', '/#Target=List', 'postTargetList'],
  ])('%s %s is %s', (method, path, name) => {
    expect(nameFromPath(method, path)).toBe(name);
  });
});

const idsOf = async (paths: Record<string, unknown>): Promise<Record<string, string>> => {
  const { operations } = await readPaths(paths);
  return Object.fromEntries(
    operations.map(({ id, bindings }) => [
      `${(bindings['http'] as { method: string }).method} ${(bindings['http'] as { path: string }).path}`,
      id,
    ]),
  );
};

describe('names of operations', () => {
  it('come from their ids when those say something', async () => {
    expect(
      await idsOf({
        '/a': { get: { operationId: 'get-pet by ID' } },
        '/b': { get: { operationId: 'delete' } },
        '/c': { get: { operationId: '***' } },
        '/d': { get: { operationId: 'same' }, put: { operationId: 'same' } },
        '/e': { get: { operationId: 7 }, put: { operationId: 'x'.repeat(300) } },
      }),
    ).toEqual({
      'GET /a': 'getPetById',
      'GET /b': 'delete_',
      'GET /c': 'getC',
      'GET /d': 'same',
      'PUT /d': 'replaceD',
      'GET /e': 'getE',
      'PUT /e': 'replaceE',
    });
  });

  it('do not depend on order, and stay when the description grows', async () => {
    const item = fc.record({
      path: fc.constantFrom('/a', '/b', '/a/{id}', '/v1/a', '/as', '/a-s'),
      method: fc.constantFrom('get', 'put', 'post'),
      id: fc.option(fc.constantFrom('one', 'One', 'o-ne', 'get', '')),
    });
    const build = (items: { path: string; method: string; id: string | null }[]): Record<string, Record<string, unknown>> => {
      const paths: Record<string, Record<string, unknown>> = {};
      for (const { path, method, id } of items) (paths[path] ??= {})[method] ??= id === null ? {} : { operationId: id };
      return paths;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 12 }), async (items) => {
        const paths = build(items);
        const turned = Object.fromEntries(
          Object.entries(paths)
            .toReversed()
            .map(([path, methods]) => [path, Object.fromEntries(Object.entries(methods).toReversed())]),
        );
        const names = await idsOf(paths);
        expect(await idsOf(turned)).toEqual(names);
        expect(new Set(Object.values(names)).size).toBe(Object.keys(names).length);
        expect(await idsOf({ ...paths, '/zzz/new': { get: { operationId: 'entirelyNew' } } })).toMatchObject(names);
      }),
      { numRuns: 60 },
    );
  });
});
