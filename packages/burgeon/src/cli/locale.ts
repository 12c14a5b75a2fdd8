/** Language of the texts that people approve by: the first of the usual variables that says one counts. */
export const localeOf = ({ LC_ALL, LC_MESSAGES, LANG }: Readonly<Record<string, string | undefined>>): 'en' | 'pl' =>
  /^pl(?![a-z])/i.test([LC_ALL, LC_MESSAGES, LANG].find((value) => value !== undefined && value !== '') ?? '') ? 'pl' : 'en';
