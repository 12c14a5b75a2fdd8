import { describe, expect, it } from 'vitest';
import { currentAccess, hasRight, isRole, mayUse, requireModule, requireRight, roles, withAccess } from './access.ts';

const refusal = expect.objectContaining({ code: 'FORBIDDEN' }) as Error;

describe('access', () => {
  it('is everything for the commands of the owner, and only what was given for everybody else', async () => {
    expect(currentAccess()).toEqual({ role: 'owner' });
    await withAccess({ role: 'viewer', modules: ['api/*'] }, async () => {
      await Promise.resolve();
      expect(() => requireRight('view', 'looking')).not.toThrow();
      expect(() => requireRight('operate', 'calling')).toThrow(refusal);
      expect(() => requireModule('api/petstore')).not.toThrow();
      expect(() => requireModule('db/shop')).toThrow(refusal);
    });
    expect(() => requireRight('own', 'removing')).not.toThrow();
    expect(() => requireModule('db/shop')).not.toThrow();
  });

  it('says which roles would do', () => {
    withAccess({ role: 'operator' }, () =>
      expect(() => requireRight('approve', 'approve')).toThrow(
        expect.objectContaining({
          hint: 'Use a key with the role approver or owner.',
          data: { needs: 'approve', role: 'operator' },
        }) as Error,
      ),
    );
  });

  it('knows its roles and no others', () => {
    expect(Object.keys(roles).every(isRole)).toBe(true);
    expect(['toString', '__proto__', 'admin', ''].some(isRole)).toBe(false);
    expect(hasRight({ role: 'approver' }, 'operate')).toBe(false);
    expect(mayUse({ role: 'viewer', modules: [] }, 'api/x')).toBe(false);
  });
});
