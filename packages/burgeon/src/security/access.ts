import { AsyncLocalStorage } from 'node:async_hooks';
import { BurgeonError } from '@burgeon/kit';
import { fitsModuleGlobs } from './module-globs.ts';

/** What a role may do: look; call, grow and steer modules; answer approvals; and what is the owner's alone: secrets, keys, removal. */
export type Right = 'view' | 'operate' | 'approve' | 'own';

/** The one table of roles. `docs/roles.md` lists what follows from it; a test compares. */
export const roles: Readonly<Record<Role, readonly Right[]>> = {
  viewer: ['view'],
  operator: ['view', 'operate'],
  approver: ['view', 'approve'],
  owner: ['view', 'operate', 'approve', 'own'],
};

/** What a key is for. */
export type Role = 'viewer' | 'operator' | 'approver' | 'owner';

/** True for the name of a role. */
export const isRole = (text: string): text is Role => Object.hasOwn(roles, text);

/** What somebody may do, and with which modules; absent = with all of them. */
export interface Access {
  role: Role;
  modules?: readonly string[];
}

const everything: Access = { role: 'owner' };

const storage = new AsyncLocalStorage<Access>();

/** What whoever is being served at the moment may do; everything outside {@link withAccess}, where only the owner's own commands are. */
export const currentAccess = (): Access => storage.getStore() ?? everything;

/** Does a piece of work with no more rights than these; what it starts and awaits has no more either. */
export const withAccess = <T>(access: Access, work: () => T): T => storage.run(access, work);

/** True when the role has the right. */
export const hasRight = ({ role }: Access, right: Right): boolean => (roles[role] as readonly Right[]).includes(right);

/** True when the access is good for the module. */
export const mayUse = ({ modules }: Access, module: string): boolean => modules === undefined || fitsModuleGlobs(modules, module);

/** @throws {BurgeonError} FORBIDDEN when whoever is being served lacks the right */
export const requireRight = (right: Right, what: string): void => {
  const access = currentAccess();
  if (hasRight(access, right)) return;
  const fitting = Object.entries(roles).flatMap(([role, rights]) => ((rights as readonly Right[]).includes(right) ? [role] : []));
  throw new BurgeonError('FORBIDDEN', {
    message: `${what} needs the right to ${right}; the role ${access.role} does not have it.`,
    hint: `Use a key with the role ${fitting.join(' or ')}.`,
    data: { needs: right, role: access.role },
  });
};

/** @throws {BurgeonError} FORBIDDEN when whoever is being served has a key that is not good for the module */
export const requireModule = (module: string): void => {
  if (!mayUse(currentAccess(), module)) throw otherModules(`It is not good for ${module.slice(0, 200)}.`);
};

/** The refusal of a key that is good for some modules only. */
export const otherModules = (why: string): BurgeonError => {
  const { modules = [] } = currentAccess();
  return new BurgeonError('FORBIDDEN', {
    message: `This key is good for some modules only. ${why}`,
    hint: `It is good for ${modules.join(', ') || 'none'}.`,
  });
};
