/** Words of operations and of questions, brought to one form. */

/** Words that say nothing about which operation is meant. */
const stopWords: ReadonlySet<string> = new Set(
  (
    'a an and any are as at be by can could do does for from give has have how if in into is it its let like need of on or our ' +
    'please so some that the their them then there these this those to us use using via want was we what when where which who whose will with would you your api endpoint operation'
  ).split(' '),
);

/** Verbs that people use for the same thing; the first names the group. */
const verbGroups: readonly string[] = [
  'get read fetch retrieve show view describe detail obtain see load check',
  'list all every browse enumerate index many multiple',
  'search find query filter lookup match',
  'create add new make insert post register submit open start begin file write',
  'update edit change modify patch set put rename replace adjust alter',
  'delete remove destroy drop erase clear unset purge discard',
  'cancel abort stop end close terminate revoke',
  'send deliver dispatch notify message mail',
  'upload import attach ingest',
  'download export save',
  'enable activate turn unlock unarchive',
  'disable deactivate suspend lock block archive ban',
  'login authenticate signin authorize',
  'user member account person people profile',
  'self me my mine myself whoami i authenticated current own',
  'ticket issue',
  'repository repo',
  'picture image photo',
  'purchase order buy',
];

const groupOf: ReadonlyMap<string, string> = new Map(
  verbGroups.flatMap((group) => {
    const [name = '', ...others] = group.split(' ');
    return [name, ...others].map((word) => [stem(word), `~${name}`] as const);
  }),
);

/** A light stem: plural and verb endings go, short words stay. */
export function stem(word: string): string {
  if (word.length <= 3) return word;
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ss|us|is)$/.test(word)) return word;
  if (/(?:[sxz]|ch|sh)es$/.test(word)) return word.slice(0, -2);
  if (word.endsWith('s')) return word.slice(0, -1);
  const cut = word.endsWith('ing') && word.length > 5 ? 3 : word.endsWith('ed') && word.length > 4 ? 2 : 0;
  if (cut === 0) return word;
  const rest = word.slice(0, -cut);
  if (!/[aeiouy]/.test(rest)) return word;
  if (/([b-df-hj-np-tv-z])\1$/.test(rest) && !/(?:ll|ss)$/.test(rest)) return rest.slice(0, -1);
  return rest.endsWith('at') || /[^aeiou][aeiou][vcgz]$|[^aeiou]ut$/.test(rest) ? `${rest}e` : rest;
}

/** The words of a text, lower case and stemmed: names in camel case are taken apart, marks are dropped. At most `limit`, in order. */
export const wordsIn = (text: string, limit = 200): string[] => {
  const apart = text
    .slice(0, 4_000)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase();
  return (apart.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, limit).map(stem);
};

/** True for words that are left out of a question unless nothing else is left. */
export const isStopWord = (word: string): boolean => stopWords.has(word);

/** The name of the group a stemmed word belongs to (`~create` for `add`); undefined for most words. */
export const wordGroup = (word: string): string | undefined => groupOf.get(word);
