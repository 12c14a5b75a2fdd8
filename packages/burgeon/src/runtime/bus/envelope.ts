import { BurgeonError, type JsonObject, type MessageEnvelope, type MessageEnvelope1, type MessageEnvelope2 } from '@burgeon/kit';
import { isObject } from '../../base/json.ts';
import { bodyOf, type Message } from './message.ts';

/** An envelope of the first version as one of the second. Nobody waits, as far as it says. */
export const upgradeEnvelope = ({ schemaversion, ...rest }: MessageEnvelope1): MessageEnvelope2 => ({
  ...rest,
  envelopeversion: '2.0',
  ...(schemaversion === undefined ? {} : { dataversion: schemaversion }),
  via: '',
});

/** An envelope of the second version as one of the first, which cannot say who waits. */
export const downgradeEnvelope = ({ dataversion, via: _via, ...rest }: MessageEnvelope2): MessageEnvelope1 => ({
  ...rest,
  envelopeversion: '1.0',
  ...(dataversion === undefined ? {} : { schemaversion: dataversion }),
});

/** What stands in for the parts that the sender of an envelope left to us. */
export type EnvelopeDefaults = Pick<MessageEnvelope2, 'id' | 'source' | 'time' | 'traceparent'>;

const texts: Readonly<Record<string, number>> = {
  id: 256,
  source: 512,
  type: 256,
  time: 64,
  traceparent: 128,
  schemaversion: 64,
  dataversion: 64,
  via: 4_096,
};

const invalid = (message: string): BurgeonError =>
  new BurgeonError('INPUT_INVALID', { message, hint: 'Send a CloudEvent of version 1.0 in its JSON form; see docs/modules.md' });

/** The first number of a version; what is no version is given back as text. */
const majorOf = (version: unknown): string => {
  const text = typeof version === 'string' ? version : (JSON.stringify(version) ?? '');
  return /^(\d{1,9})(\.\d{1,9})*$/.exec(text)?.[1] ?? text;
};

/**
 * Reads an envelope of either version, from whatever wrote it, as one of the second; members it does not know are left out. A plain
 * CloudEvent says nothing of a version of the envelope and counts as the first.
 * @throws {BurgeonError} INPUT_INVALID when it is none, or of a major version that is not known here
 */
export const readEnvelope = (value: unknown, defaults: EnvelopeDefaults): MessageEnvelope2 => {
  if (!isObject(value)) throw invalid('The envelope is no object.');
  const [cloud, major] = [majorOf(value['specversion'] ?? '1.0'), majorOf(value['envelopeversion'] ?? '1.0')];
  if (cloud !== '1') throw invalid(`The envelope is a CloudEvent of version ${cloud.slice(0, 20)}; known here: 1.`);
  if (major !== '1' && major !== '2')
    throw invalid(`The envelope is of version ${major.slice(0, 20)}, which is not known here; known: 1 and 2.`);
  const { datacontenttype = 'application/json' } = value;
  if (datacontenttype !== 'application/json') throw invalid('The data of the envelope is not "application/json".');
  const said = Object.fromEntries(Object.keys(texts).flatMap((name) => textOf(value, name)));
  if (said['type'] === undefined) throw invalid('The envelope has no "type", which is its topic.');
  const time = said['time'] ?? defaults.time;
  if (Number.isNaN(Date.parse(time))) throw invalid('The "time" of the envelope is none.');
  const shared = {
    specversion: '1.0' as const,
    id: said['id'] ?? defaults.id,
    source: said['source'] ?? defaults.source,
    type: said['type'],
    time,
    datacontenttype,
    data: (value as JsonObject)['data'] ?? null,
    traceparent: said['traceparent'] ?? defaults.traceparent,
  } as const;
  const { schemaversion, dataversion, via = '' } = said;
  if (major === '1')
    return upgradeEnvelope({ ...shared, envelopeversion: '1.0', ...(schemaversion === undefined ? {} : { schemaversion }) });
  return { ...shared, envelopeversion: '2.0', ...(dataversion === undefined ? {} : { dataversion }), via };
};

const textOf = (value: Record<string, unknown>, name: string): [string, string][] => {
  if (!Object.hasOwn(value, name) || value[name] === undefined) return [];
  const text = value[name];
  if (typeof text === 'string' && text.length <= (texts[name] ?? 0) && (text !== '' || name === 'via')) return [[name, text]];
  throw invalid(`"${name}" of the envelope is no text of 1 to ${texts[name]} characters.`);
};

/** A message as an envelope of one of the versions. */
export const envelopeOf = (message: Message, version: 1 | 2 = 2): MessageEnvelope => {
  const envelope: MessageEnvelope2 = {
    specversion: '1.0',
    envelopeversion: '2.0',
    id: message.id,
    source: message.source,
    type: message.topic,
    time: new Date(message.sentAt).toISOString(),
    datacontenttype: 'application/json',
    data: bodyOf(message),
    traceparent: message.traceparent,
    ...(message.version === undefined ? {} : { dataversion: message.version }),
    via: message.via.join(' '),
  };
  return version === 2 ? envelope : downgradeEnvelope(envelope);
};

/** The message in an envelope. */
export const messageIn = (envelope: MessageEnvelope2): Message => {
  const text = JSON.stringify(envelope.data);
  const [from = ''] = envelope.source.split('@');
  return {
    id: envelope.id,
    from,
    source: envelope.source,
    topic: envelope.type,
    sentAt: Date.parse(envelope.time),
    traceparent: envelope.traceparent,
    version: envelope.dataversion,
    via: envelope.via === '' ? [] : envelope.via.split(' '),
    text,
    bytes: Buffer.byteLength(text),
  };
};
