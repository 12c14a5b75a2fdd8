import type { Candidate, Diagnostic } from '@burgeon/kit';
import { pointerToken } from '../../../base/json.ts';
import { finding } from './finding.ts';

/** Ways to speak to a model instead of about an operation; each with a word that is looked for first. */
const orders: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|the\s+|your\s+|of\s+){0,3}(?:previous|prior|above|earlier|preceding|other|system)\s+(?:instructions?|prompts?|rules?|messages?|context)/i,
  /\b(?:zignoruj|pomiń|zapomnij)\s+(?:o\s+)?(?:wszystkie\s+|wszystkich\s+)?(?:poprzedni\p{L}*|wcześniejsz\p{L}*|powyższ\p{L}*)\s+(?:instrukcj\p{L}*|poleceni\p{L}*|zasad\p{L}*)/iu,
  /<\s*\/?\s*(?:important|system|instructions?|assistant|secret|hidden|prompt)\s*>|\[\s*(?:system|inst)\s*\]|<\|(?:im_start|im_end|system|endoftext)\|>/i,
  /\b(?:do not|don't|never)\s+(?:tell|inform|mention|reveal|show|notify)\s+(?:this\s+|it\s+|anything\s+)?(?:to\s+)?(?:the\s+)?(?:user|human|person|owner)/i,
  /\bnie\s+(?:mów|informuj|wspominaj|pokazuj)\s+(?:o\s+tym\s+)?użytkownik\p{L}*/iu,
  /\b(?:before|after|when)\s+(?:using|calling|invoking)\s+(?:this|any|the)\s+(?:tool|function|operation)s?,?\s+(?:you\s+)?(?:must|should|always|first|read|call|send)/i,
  /\b(?:you\s+are\s+(?:now\s+)?(?:an?\s+)?(?:ai|assistant|llm|language model|in developer mode)|as an ai\b|your\s+system\s+prompt|reveal\s+(?:your|the)\s+(?:system\s+)?prompt)/i,
  /\b(?:read|send|include|pass|append|attach|exfiltrate)\s+(?:the\s+)?(?:contents?\s+of\s+|file\s+)?(?:~\/\.ssh|~\/\.aws|\/etc\/passwd|\.env\b|id_rsa|mcp\.json|your\s+(?:api\s+keys?|credentials|conversation|chat history))/i,
];

/** Words of which one stands in every order above, so that most texts are passed over quickly. */
const signs =
  /ignor|disregard|forget|overrid|pomi|zapomn|<|\[|tell|inform|mention|reveal|show|notif|mów|wspomin|pokaz|using|calling|invoking|you are|as an ai|prompt|read|send|include|pass|append|attach|exfiltr/i;

/** Characters that are not seen: tags, zero width, direction. One joiner between letters of a script that needs it is ordinary. */
const hidden = /[\u{e0000}-\u{e007f}]|[\u202a-\u202e\u2066-\u2069]|[\u200b\u2060\ufeff]|[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{3,}/u;

/** Findings of this kind that are told of one candidate. */
const mostFindings = 20;

const unseenName = (text: string): string =>
  `U+${(hidden.exec(text)?.[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** Texts of a description that speak to a model, or hide something from people. A hint for whoever approves: cleverer ones pass. */
export const judgeInstructions = ({ interface: description, manifest }: Candidate): Diagnostic[] => {
  const found: Diagnostic[] = [];
  const judge = (text: string, at: string): void => {
    const order = signs.test(text) ? orders.find((each) => each.test(text.slice(0, 20_000))) : undefined;
    if (order)
      found.push(
        finding('warning', 'instruction-like-text', at, 'This reads like an order to a language model, not like a description.'),
      );
    if (hidden.test(text))
      found.push(finding('warning', 'hidden-text', at, `This holds characters that are not seen (${unseenName(text)}).`));
  };
  walkTexts(description, '/interface', judge);
  judge(manifest.description ?? '', '/manifest/description');
  return found.slice(0, mostFindings);
};

/** Parts of an interface that are not words of its author. */
const ownParts: ReadonlySet<string> = new Set(['/interface/source', '/interface/origins', '/interface/diagnostics']);

/** Every text of a document, keys too: each of them may be shown to a model. */
const walkTexts = (root: unknown, base: string, visit: (text: string, at: string) => void): void => {
  const waiting: [value: unknown, at: string][] = [[root, base]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [value, at] = next;
    if (ownParts.has(at)) continue;
    if (typeof value === 'string') visit(value, at);
    if (typeof value !== 'object' || value === null) continue;
    const entries = Object.entries(value).toReversed();
    for (const [key, item] of entries) {
      const place = `${at}/${pointerToken(key)}`;
      if (key.length > 20) visit(key, place);
      waiting.push([item, place]);
    }
  }
};
