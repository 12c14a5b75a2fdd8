import { BurgeonError } from '@burgeon/kit';

/** Longest text of one glob. */
const longest = 200;

/** Most globs one key may have. */
const most = 100;

/**
 * Globs of module ids as they were written, checked: lower-case names in which `*` stands for any characters but a slash; `*` alone stands
 * for every module.
 * @throws {BurgeonError} USAGE
 */
export const readModuleGlobs = (globs: readonly string[]): readonly string[] => {
  const wrong = globs.find((glob) => glob.length > longest || !/^(\*|[a-z0-9*._-]+\/[a-z0-9*._-]+)$/.test(glob));
  if (wrong === undefined && globs.length <= most) return [...new Set(globs)];
  throw new BurgeonError('USAGE', {
    message:
      wrong === undefined
        ? `There are more than ${most} module patterns.`
        : `${JSON.stringify(wrong.slice(0, longest))} is no pattern of modules.`,
    hint: 'Write namespace/name, where * stands for any part: api/petstore, api/*, */shop-*.',
  });
};

/** Whether one of the globs stands for the module. */
export const fitsModuleGlobs = (globs: readonly string[], id: string): boolean =>
  globs.some((glob) => glob === '*' || fits(glob, id));

/** Goes along both texts once and comes back only to the last star: never more steps than the product of their lengths. */
const fits = (glob: string, text: string): boolean => {
  let [at, star, mark] = [0, -1, 0];
  for (let index = 0; index < text.length;) {
    if (glob[at] === '*') [star, mark, at] = [at, index, at + 1];
    else if (glob[at] === text[index]) [at, index] = [at + 1, index + 1];
    else if (star >= 0 && text[mark] !== '/') [mark, at, index] = [mark + 1, star + 1, mark + 1];
    else return false;
  }
  return /^\**$/.test(glob.slice(at));
};
