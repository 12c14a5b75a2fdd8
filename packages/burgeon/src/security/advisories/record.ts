import { BurgeonError, type JsonObject } from '@burgeon/kit';
import { isObject } from '../../base/json.ts';

/** One event of a range; exactly one of them is there. */
export interface RangeEvent {
  introduced?: string;
  fixed?: string;
  last_affected?: string;
  limit?: string;
}

/** What of a package is affected. */
export interface Affected {
  /** Absent in records about a repository. */
  package?: { ecosystem: string; name: string };
  versions?: string[];
  ranges?: { type: string; events: RangeEvent[] }[];
}

/**
 * A record of a vulnerability, as far as it is used here; whatever else it says is kept.
 * @see https://ossf.github.io/osv-schema/
 */
export interface Advisory {
  id: string;
  /** ISO 8601 UTC. */
  modified: string;
  withdrawn?: string;
  summary?: string;
  aliases?: string[];
  affected?: Affected[];
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTexts = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.every(isText));
const isTime = (value: unknown): boolean => typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);

const events = ['introduced', 'fixed', 'last_affected', 'limit'] as const;

const isRange = (value: unknown): boolean =>
  isObject(value) &&
  isText(value['type']) &&
  Array.isArray(value['events']) &&
  value['events'].every((event) => isObject(event) && events.filter((name) => isText(event[name])).length === 1);

const isAffected = (value: unknown): boolean =>
  isObject(value) &&
  // Records about a repository name no package.
  (value['package'] === undefined ||
    (isObject(value['package']) && isText(value['package']['ecosystem']) && isText(value['package']['name']))) &&
  isTexts(value['versions']) &&
  (value['ranges'] === undefined || (Array.isArray(value['ranges']) && value['ranges'].every(isRange)));

/** What is wrong with a record; undefined when it is one. */
const faultOf = (value: unknown): string | undefined => {
  if (!isObject(value)) return 'is no object';
  if (!isText(value['id']) || !/^[A-Za-z0-9][\w.:-]{0,199}$/.test(value['id'])) return 'has no id';
  if (!isTime(value['modified'])) return 'does not say when it was modified';
  if (value['withdrawn'] !== undefined && !isTime(value['withdrawn'])) return 'does not say when it was withdrawn';
  if (value['affected'] !== undefined && !(Array.isArray(value['affected']) && value['affected'].every(isAffected)))
    return 'does not say what is affected as the schema has it';
  return undefined;
};

/** Records of one file at most. */
const mostRecords = 500_000;

/**
 * Reads a document with one record, or with a list of them.
 * @throws {BurgeonError} INPUT_INVALID when it is anything else; none of a list with a bad record is taken
 */
export const parseAdvisories = (text: string, name: string): Advisory[] => {
  const refuse = (what: string, path = ''): BurgeonError =>
    new BurgeonError('INPUT_INVALID', {
      message: `${name} holds no vulnerability data: ${what}.`,
      hint: 'Give a record in the OSV format, or a JSON list of them (https://ossf.github.io/osv-schema/).',
      data: { issues: [{ path, message: what }] },
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse('it is not JSON');
  }
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > mostRecords) throw refuse(`it has more than ${mostRecords} records`);
  for (const [index, record] of list.entries()) {
    const fault = faultOf(record);
    const at = isObject(record) && isText(record['id']) ? `${record['id'].slice(0, 100)} (record ${index})` : `record ${index}`;
    if (fault !== undefined) throw refuse(`${at} ${fault}`, `/${index}`);
  }
  return list as (Advisory & JsonObject)[];
};
