/** Levels of nesting that cross into a machine. An interpreter reads 5000 on the smallest stack there is (measured 2026-11). */
export const mostDepth = 2_000;

const [quote, backslash, openBracket, openBrace, closeBracket, closeBrace] = Buffer.from('"\\[{]}');

/**
 * Whether JSON is nested deeper than {@link mostDepth}. The interpreter would not notice in time, and its module would be lost with all it knows
 * for what a caller sent.
 */
export const isTooDeep = (json: string): boolean => {
  if (json.length <= mostDepth) return false;
  let depth = 0;
  let inText = false;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === quote) inText = !inText;
    else if (inText) at += code === backslash ? 1 : 0;
    else if (code === openBracket || code === openBrace) depth += 1;
    else if (code === closeBracket || code === closeBrace) depth -= 1;
    if (depth > mostDepth) return true;
  }
  return false;
};
