import type { Capability, JsonObject } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { gainsGravePower } from './grave.ts';

const can = (kind: string, scope: JsonObject = {}): Capability => ({ kind, scope });

describe('a grave power', () => {
  it.each<[string, Capability[], Capability[], boolean]>([
    ['nothing', [], [], false],
    ['to read a table', [], [can('db', { ref: 'r', tables: ['a'], verbs: ['select', 'insert'] })], false],
    ['to delete from it', [], [can('db', { ref: 'r', tables: ['a'], verbs: ['select', 'delete'] })], true],
    ['to call an API for reading', [], [can('net.http', { hosts: ['a.com'], methods: ['GET', 'POST'] })], false],
    ['to delete over an API', [], [can('net.http', { hosts: ['a.com'], methods: ['GET', 'DELETE'] })], true],
    ['to do anything over an API', [], [can('net.http', { hosts: ['a.com'] })], true],
    ['to use a credential', [], [can('secret.use', { names: ['api/a/key'] })], true],
    ['what it had', [can('secret.use', { names: ['api/a/key'] })], [can('secret.use', { names: ['api/a/key'] })], false],
    ['one more credential', [can('secret.use', { names: ['a'] })], [can('secret.use', { names: ['a', 'b'] })], true],
    ['less', [can('secret.use', { names: ['a', 'b'] })], [can('secret.use', { names: ['a'] })], false],
    ['to write files', [can('fs', { globs: ['x'], mode: 'read' })], [can('fs', { globs: ['x'], mode: 'write' })], true],
    ['a kind named like a method of objects', [], [can('toString')], false],
  ])('%s', (_, before, after, expected) => {
    expect(gainsGravePower(before, after)).toBe(expected);
  });
});
