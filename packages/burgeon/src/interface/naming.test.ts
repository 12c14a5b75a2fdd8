import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NamingOptions, assignNames, identifierOf, kebabOf, reservedWords, typeNameOf } from './naming.ts';

describe('names of any text', () => {
  it.each([
    ['GET /pets/{petId}', 'getPetsPetId', 'GetPetsPetId', 'get-pets-pet-id'],
    ['HTTPServer2', 'httpServer2', 'HttpServer2', 'http-server2'],
    ['user_name', 'userName', 'UserName', 'user-name'],
    ['3d model', '_3DModel', '_3DModel', '3-d-model'],
    ['Zażółć gęślą', 'zazolcGesla', 'ZazolcGesla', 'zazolc-gesla'],
    ['Straße Ærø', 'strasseAero', 'StrasseAero', 'strasse-aero'],
    ['Собака Ыж', 'sobakaYzh', 'SobakaYzh', 'sobaka-yzh'],
    ['delete', 'delete', 'Delete', 'delete'],
    ['getUser_4412ec', 'getUser_4412ec', 'GetUser_4412ec', 'get-user-4412-ec'],
    ['get_decade', 'getDecade', 'GetDecade', 'get-decade'],
  ])('%s', (text, camel, pascal, kebab) => {
    expect([identifierOf(text), typeNameOf(text), kebabOf(text)]).toEqual([camel, pascal, kebab]);
  });

  it('are never empty and always ASCII', () => {
    expect(identifierOf('')).toMatch(/^x[0-9a-f]{8}$/);
    expect(identifierOf('宠物')).toMatch(/^x[0-9a-f]{8}$/);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(identifierOf(text)).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
        expect(typeNameOf(text)).toMatch(/^[A-Z_x][A-Za-z0-9_]*$/i);
        expect(kebabOf(text)).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      }),
    );
  });
});

describe('assignNames', () => {
  it('lets the first key win and gives the others a hash of theirs', () => {
    const names = assignNames(
      [
        { key: 'b', wish: 'Pet' },
        { key: 'a', wish: 'pet' },
        { key: 'c', wish: 'PET' },
      ],
      { style: 'pascal' },
    );
    expect(names.get('a')).toBe('Pet');
    expect(names.get('b')).toMatch(/^Pet_[0-9a-f]{6}$/);
    expect(names.get('c')).toMatch(/^Pet_[0-9a-f]{6}$/);
  });

  it('keeps earlier names that are valid, and only those', () => {
    const previous = new Map([
      ['b', 'Pet'],
      ['a', 'not an identifier();'],
      ['c', 'x'.repeat(500)],
    ]);
    const names = assignNames(
      [
        { key: 'a', wish: 'pet' },
        { key: 'b', wish: 'other' },
        { key: 'c', wish: 'third' },
      ],
      { style: 'pascal', previous },
    );
    expect(names.get('b')).toBe('Pet');
    expect(names.get('a')).toMatch(/^Pet_[0-9a-f]{6}$/);
    expect(names.get('c')).toBe('Third');
  });

  it('steps around reserved names', () => {
    const reserved = new Set([...reservedWords, 'import_']);
    const names = assignNames(
      [
        { key: '1', wish: 'delete' },
        { key: '2', wish: 'import' },
      ],
      { style: 'camel', reserved },
    );
    expect(names.get('1')).toBe('delete_');
    expect(names.get('2')).toMatch(/^import_[0-9a-f]{6}$/);
    expect(assignNames([{ key: '1', wish: 'new' }], { style: 'kebab', reserved }).get('1')).toMatch(/^new-[0-9a-f]{6}$/);
  });

  it('leaves the letters of tool names as they are', () => {
    expect(assignNames([{ key: '1', wish: 'pets.list-All' }], { style: 'tool' }).get('1')).toBe('pets_list-All');
    expect(assignNames([{ key: '1', wish: '...' }], { style: 'tool' }).get('1')).toMatch(/^x[0-9a-f]{8}$/);
    expect(assignNames([{ key: '1', wish: 'x'.repeat(100) }], { style: 'tool' }).get('1')).toMatch(/^x{57}_[0-9a-f]{6}$/);
  });

  it('is unique, complete, valid and independent of the order', () => {
    const patterns = {
      camel: /^[A-Za-z_$][\w$]*$/,
      pascal: /^[A-Za-z_$][\w$]*$/,
      kebab: /^[a-z0-9-]+$/,
      tool: /^[a-zA-Z0-9_-]{1,64}$/,
    };
    const items = fc.uniqueArray(
      fc.record({ key: fc.string(), wish: fc.oneof(fc.constantFrom('a', 'A', 'get pet', 'getPet', 'delete'), fc.string()) }),
      { selector: ({ key }) => key },
    );
    const style = fc.constantFrom<NamingOptions['style']>('camel', 'pascal', 'kebab', 'tool');
    fc.assert(
      fc.property(items, style, fc.integer({ min: 8, max: 40 }), (list, chosen, maxLength) => {
        const options: NamingOptions = { style: chosen, maxLength, reserved: reservedWords };
        const names = assignNames(list, options);
        expect(names.size).toBe(list.length);
        const same = [...names.values()].map((name) => (chosen === 'camel' ? name : name.toLowerCase()));
        expect(new Set(same).size).toBe(list.length);
        for (const name of names.values()) expect(name).toMatch(patterns[chosen]);
        for (const name of names.values()) expect(name.length).toBeLessThanOrEqual(maxLength);
        expect(assignNames(list.toReversed(), options)).toEqual(names);
      }),
    );
  });
});
