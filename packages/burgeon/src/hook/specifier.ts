import { BurgeonError } from '@burgeon/kit';

/** What an import of `burgeon:...` asks for. */
export interface Specifier {
  /** `namespace/name`. */
  id: string;
  /** Absent: the version of the lock file, else the active one. */
  version?: string;
}

const pattern = /^burgeon:([a-z][a-z0-9]*\/[a-z0-9][a-z0-9._-]*)(?:@(?:v(?=\d))?([0-9A-Za-z][0-9A-Za-z.+-]*))?$/;

/**
 * Takes `burgeon:namespace/name` or `burgeon:namespace/name@version` apart; `v1.0.0` means 1.0.0.
 * @throws {BurgeonError} NAME_INVALID
 */
export const parseSpecifier = (text: string): Specifier => {
  const [, id, version] = pattern.exec(text) ?? [];
  if (id !== undefined && !id.includes('..')) return version === undefined ? { id } : { id, version };
  throw new BurgeonError('NAME_INVALID', {
    message: `"${text}" is not a module specifier.`,
    hint: 'Write burgeon:namespace/name, like "burgeon:api/petstore" or "burgeon:api/petstore@1.0.0".',
    data: { specifier: text },
  });
};
