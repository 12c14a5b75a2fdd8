/**
 * Text from outside as data: invisible and control characters go (they carry instructions that people do not see), white space is one blank,
 * and the length is bounded.
 */
export const plainText = (text: string, limit: number): string => {
  const clean = text
    .slice(0, limit * 4)
    .replace(/[\p{Cf}\p{Co}\p{Cn}\u115f\u1160\u3164\uffa0]|[\ufe00-\ufe0f]/gu, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .toWellFormed()
    .trim();
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 3).toWellFormed()}...`;
};
