import { describe, expect, it } from 'vitest';
import { candidateOf, evidence, failure, open, release } from './fixtures/modules.ts';
import { tables } from './records.ts';

describe('resolving', () => {
  it('finds ids, versions and short names', async () => {
    const fixture = await open();
    const { registry } = fixture;
    await release(fixture, 'api/petstore', '1.0.0');
    await registry.stage(candidateOf('api/petstore', '2.0.0'), evidence);
    await registry.stage(candidateOf('db/chinook', '1.0.0'), evidence);
    expect(await registry.resolve('petstore')).toEqual({ id: 'api/petstore', version: '1.0.0' });
    expect(await registry.resolve(' api/petstore@2.0.0 ')).toEqual({ id: 'api/petstore', version: '2.0.0' });
    expect(await registry.resolve('petstore@v2.0.0')).toEqual({ id: 'api/petstore', version: '2.0.0' });
    expect(await registry.resolve('chinook@1.0.0')).toEqual({ id: 'db/chinook', version: '1.0.0' });
    expect(await failure(registry.resolve('petsotre'))).toMatchObject({
      code: 'MODULE_NOT_FOUND',
      hint: 'Did you mean api/petstore?',
    });
    expect((await failure(registry.resolve('db/chinok'))).hint).toBe('Did you mean db/chinook?');
    expect((await failure(registry.resolve('weather'))).hint).toBe('Run burgeon list to see all.');
    expect((await failure(registry.resolve('x'.repeat(10_000)))).code).toBe('MODULE_NOT_FOUND');
    expect((await failure(registry.resolve('__proto__'))).code).toBe('MODULE_NOT_FOUND');
    expect(await failure(registry.resolve('petstore@3.0.0'))).toMatchObject({
      code: 'VERSION_NOT_FOUND',
      hint: 'There are: 1.0.0, 2.0.0.',
    });
    expect((await failure(registry.resolve('chinook@3'))).hint).toBe('There is: 1.0.0.');
    expect((await failure(registry.show({ id: 'api/petstore', version: '9.0.0' }))).code).toBe('VERSION_NOT_FOUND');
    await registry.stage(candidateOf('mcp/petstore', '1.0.0'), evidence);
    expect(await failure(registry.resolve('petstore'))).toMatchObject({
      code: 'NAME_AMBIGUOUS',
      data: { modules: ['api/petstore', 'mcp/petstore'] },
    });
  });

  it('says what to do when there is nothing', async () => {
    const { registry, store } = await open();
    expect((await failure(registry.resolve('x'))).hint).toContain('burgeon add');
    await store.transact([{ kind: 'put', table: tables.modules, id: 'api/empty', value: { id: 'api/empty', archived: false } }]);
    expect((await failure(registry.resolve('api/empty'))).code).toBe('VERSION_NOT_FOUND');
  });
});
