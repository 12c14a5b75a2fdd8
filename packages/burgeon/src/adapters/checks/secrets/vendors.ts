import type { FoundSecret } from './found.ts';
import { isOrdinaryPassword, isPlaceholder } from './placeholder.ts';

/** Longer texts are given to the library in parts, which overlap so that nothing is cut in two. */
const [partLength, overlap] = [256 * 1024, 4 * 1024];

/** What its rules for connection strings and addresses find is what our own rule judges better. */
const ownRules = /basicauth|database-connection-string|privatekey/;

/** Secrets of the shapes that vendors use, as secretlint knows them. Loads the library at its first use. */
export const vendorsIn = async (text: string): Promise<FoundSecret[]> => {
  const [{ lintSource }, { creator }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ]);
  const config = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] };
  const found: FoundSecret[] = [];
  for (let start = 0; start < text.length; start += partLength - overlap) {
    const content = text.slice(start, start + partLength);
    const { messages } = await lintSource({
      source: { filePath: '/module', content, ext: '', contentType: 'text' },
      options: { config, maskSecrets: true, noPhysicFilePath: true },
    });
    for (const { ruleId, range } of messages) {
      const value = content.slice(range[0], range[1]);
      if (ownRules.test(ruleId) || isPlaceholder(value) || isOrdinaryPassword(value)) continue;
      const vendor = ruleId.split('secretlint-rule-').at(-1) ?? '';
      found.push({ code: 'secret-token', what: `a secret of the kind "${vendor}"`, value, offset: start + range[0] });
    }
    if (start + partLength >= text.length) break;
  }
  return found;
};
