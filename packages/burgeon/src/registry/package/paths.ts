import { packageInvalid, shown } from './invalid.ts';

/** Names that are devices on some system, whatever follows the dot. @see https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const devices = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

const longest = 400;

/**
 * Judges the names in an archive, all of them together: relative, plain, none above another, none that another system takes for the same.
 * @throws {BurgeonError} PACKAGE_INVALID
 */
export const createPathJudge = (): ((path: string) => void) => {
  const taken = new Map<string, string>();
  return (path) => {
    const fault = faultOf(path);
    if (fault !== undefined) throw packageInvalid('path', `The entry ${shown(path)} ${fault}.`, path);
    const parts = folded(path).split('/');
    parts.forEach((_, index) => {
      const whole = index === parts.length - 1;
      const key = parts.slice(0, index + 1).join('/');
      const own = whole
        ? path
        : `${path
            .split('/')
            .slice(0, index + 1)
            .join('/')}/`;
      const other = taken.get(key);
      if (other !== undefined && (whole || other !== own))
        throw packageInvalid('clash', `The entries ${shown(other)} and ${shown(own)} are one name.`, path);
      taken.set(key, own);
    });
  };
};

/** What systems that know neither case nor the ways to write a letter take for the same: `straße` and `STRASSE` are, to some. @see UAX 15 */
const folded = (path: string): string => path.normalize('NFKD').toLowerCase().toUpperCase().normalize('NFKD');

const faultOf = (path: string): string | undefined => {
  const parts = path.split('/');
  if (path.length > longest) return `is longer than ${longest} characters`;
  if (path.startsWith('/')) return 'is an absolute path';
  if (/^[a-z]:/i.test(path)) return 'names a drive';
  if (path.includes('\\')) return 'has a backslash';
  if (parts.includes('..')) return 'climbs out';
  if (parts.some((part) => part === '' || part === '.')) return 'has an empty part';
  if (/[\p{Cc}\p{Cf}\u2028\u2029\ufffd:*?"<>|]/u.test(path)) return 'has a character that no name may have';
  if (parts.some((part) => /[. ]$/.test(part))) return 'has a part that ends with a dot or a space';
  if (parts.some((part) => devices.test(part))) return 'is the name of a device';
  return undefined;
};
