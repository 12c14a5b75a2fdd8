import { failure, mostDepth, mostText, positionOf } from './failure.ts';
import { jsonReader, type JsonToken } from './json-tokens.ts';

/** How JSON is written. */
export interface JsonOptions {
  /** Blanks a level; 0 writes everything on one line. */
  indent?: number;
  /** Members in the order of their keys' UTF-16 code units, as RFC 8785 has it; equal keys keep their order. */
  sortKeys?: boolean;
}

/** A member or element, already written. `key` is what its key means, for the order. */
interface Item {
  key: string;
  text: string;
}

/** An object or a list that is being read. */
interface Holder {
  isObject: boolean;
  items: Item[];
  /** Key of the member whose value comes next, as it was written. */
  key: string | undefined;
}

/** What may come next. */
type Wanted = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing';

const unwanted = (source: string, { kind, text, at }: JsonToken, wanted: Wanted): Error => {
  const found = kind === 'end' ? 'the text ends' : `there is ${text.length > 40 ? `${text.slice(0, 40)}...` : text}`;
  const expected =
    wanted === 'nothing' ? 'the text should end' : `a ${wanted === 'comma or end' ? 'comma or the end' : wanted} should come`;
  return failure(kind === 'end' ? 'unclosed' : 'syntax', `Here ${expected}, but ${found}`, positionOf(source, at));
};

const byKey = (one: Item, other: Item): number => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0);

/** Writes the parts of a holder between its brackets. `depth`: holders around it. */
const written = ({ isObject, items }: Holder, depth: number, { indent = 2, sortKeys = false }: JsonOptions): string => {
  const [open, close] = isObject ? ['{', '}'] : ['[', ']'];
  if (items.length === 0) return open + close;
  const ordered = isObject && sortKeys ? items.toSorted(byKey) : items;
  const texts = ordered.map(({ text }) => text);
  if (indent === 0) return open + texts.join(',') + close;
  const inner = `\n${' '.repeat(indent * (depth + 1))}`;
  return `${open}${inner}${texts.join(`,${inner}`)}\n${' '.repeat(indent * depth)}${close}`;
};

/** Reads JSON and writes it as it goes. */
class Writing {
  private readonly source: string;
  private readonly options: JsonOptions;
  private readonly holders: Holder[] = [];
  private wanted: Wanted = 'value';
  private result = '';
  private length = 0;

  constructor(source: string, options: JsonOptions) {
    this.source = source;
    this.options = options;
  }

  write(): string {
    const next = jsonReader(this.source);
    for (let token = next(); ; token = next()) {
      if (token.kind === 'end' && this.wanted === 'nothing') return this.result;
      this.take(token);
    }
  }

  private take(token: JsonToken): void {
    const { kind, text } = token;
    const { wanted } = this;
    if (kind === 'mark') this.mark(token);
    else if (kind === 'string' && (wanted === 'key' || wanted === 'key or end')) this.key(text);
    else if (kind !== 'end' && (wanted === 'value' || wanted === 'value or end')) this.value(text, token);
    else throw unwanted(this.source, token, wanted);
  }

  private key(text: string): void {
    const holder = this.holders.at(-1);
    if (holder) holder.key = text;
    this.wanted = 'colon';
  }

  private mark(token: JsonToken): void {
    const { text } = token;
    const { wanted } = this;
    const holder = this.holders.at(-1);
    const isValue = wanted === 'value' || wanted === 'value or end';
    if (isValue && (text === '{' || text === '[')) this.open(token);
    else if (text === ':' && wanted === 'colon') this.wanted = 'value';
    else if (text === ',' && wanted === 'comma or end') this.wanted = holder?.isObject === true ? 'key' : 'value';
    else if (holder && text === (holder.isObject ? '}' : ']') && wanted.endsWith('or end')) {
      this.holders.pop();
      this.value(written(holder, this.holders.length, this.options), token);
    } else throw unwanted(this.source, token, wanted);
  }

  private open({ text, at }: JsonToken): void {
    if (this.holders.length >= mostDepth)
      throw failure('deep', `More than ${mostDepth} objects and lists stand in one another`, positionOf(this.source, at));
    this.holders.push({ isObject: text === '{', items: [], key: undefined });
    this.wanted = text === '{' ? 'key or end' : 'value or end';
  }

  private value(text: string, { at }: JsonToken): void {
    const holder = this.holders.at(-1);
    const { indent = 2, sortKeys = false } = this.options;
    // What the value itself adds; what was written inside a holder was counted there.
    this.length += indent * (this.holders.length + 1) + 4;
    if (Math.max(this.length, text.length) > mostText)
      throw failure('large', `More than ${mostText} characters would be written`, positionOf(this.source, at));
    this.wanted = holder ? 'comma or end' : 'nothing';
    if (!holder) this.result = text;
    else if (holder.key === undefined) holder.items.push({ key: '', text });
    else {
      const key = sortKeys ? (JSON.parse(holder.key) as string) : '';
      holder.items.push({ key, text: `${holder.key}:${indent === 0 ? '' : ' '}${text}` });
    }
  }
}

/**
 * Writes JSON anew. Nothing but white space changes, and with `sortKeys` the order of members: numbers keep their digits, texts their
 * escapes, and members with the same key all stay.
 * @throws what `failure` makes
 */
export const formatJson = (source: string, options: JsonOptions = {}): string => {
  const text = new Writing(source, options).write();
  return options.indent === 0 ? text : `${text}\n`;
};
