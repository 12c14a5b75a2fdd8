import { type FormatWriter, formatWriter } from './formats.ts';
import type { Random } from './random.ts';

const first = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Margaret', 'Katherine'];
const last = ['Lovelace', 'Hopper', 'Turing', 'Dijkstra', 'Liskov', 'Knuth', 'Hamilton', 'Johnson'];
const cities = ['Warsaw', 'Kyoto', 'Lisbon', 'Nairobi', 'Oslo', 'Montevideo', 'Wellington', 'Quebec'];
const streets = ['12 Garden Street', '7 Harbor Road', '31 Maple Avenue', '5 River Lane'];
const countries = ['Poland', 'Japan', 'Portugal', 'Kenya', 'Norway', 'Uruguay'];
const things = ['Lantern', 'Compass', 'Teapot', 'Notebook', 'Bicycle', 'Telescope', 'Umbrella', 'Violin'];
const sentences = [
  'A small thing of good use.',
  'Made to be looked at twice.',
  'As simple as it can be.',
  'Works on the first day and the last.',
];
const phrases = ['amber', 'birch', 'coral', 'delta', 'ember', 'fjord', 'grove', 'heron', 'iris', 'juniper'];

const from =
  (list: readonly string[]): FormatWriter =>
  (random) =>
    random.pick(list);

const format = (name: string): FormatWriter => formatWriter(name) as FormatWriter;

/** What a property is probably about: the end of its name in lower case, without signs. The first that fits decides. */
const table: readonly (readonly [ending: RegExp, write: FormatWriter])[] = [
  [/e?mail(?:address)?$/, format('email')],
  [/firstname$|givenname$/, from(first)],
  [/(?:last|sur|family)name$/, from(last)],
  [/(?:user|login)name$|^login$|^nick/, (random) => `${random.pick(first).toLowerCase()}${1 + random.below(99)}`],
  [/hostname$|^host$|domain$/, format('hostname')],
  [/filename$/, (random) => `${random.pick(phrases)}.txt`],
  [/city$|^town$/, from(cities)],
  [/countrycode$/, from(['PL', 'JP', 'PT', 'KE', 'NO', 'UY'])],
  [/country$/, from(countries)],
  [/street$|address(?:line)?\d?$/, from(streets)],
  [/(?:zip|postal)(?:code)?$/, (random) => `${10 + random.below(90)}-${100 + random.below(900)}`],
  [/phone(?:number)?$|^mobile$/, (random) => `+1202555${1000 + random.below(9000)}`],
  [/currency(?:code)?$/, from(['EUR', 'USD', 'PLN', 'JPY'])],
  [/(?:language|locale|lang)$/, from(['en', 'pl', 'ja', 'pt'])],
  [/timezone$/, from(['Europe/Warsaw', 'Asia/Tokyo', 'UTC'])],
  [/^company|organi[sz]ation(?:name)?$/, (random) => `${random.pick(last)} & ${random.pick(last)}`],
  [/(?:full|customer|author|owner|contact)name$|^author$/, (random) => `${random.pick(first)} ${random.pick(last)}`],
  [/(?:url|uri|href|link|website|homepage)$/, format('url')],
  [/(?:created|updated|modified|deleted|published|started|finished|expires|timestamp)(?:at|on|date|time)?$/, format('date-time')],
  [/date$/, format('date')],
  [/uuid$|guid$/, format('uuid')],
  [/(?:^|.)ipv?4?(?:address)?$/, format('ipv4')],
  [/colou?r$/, from(['#2f6f4f', '#c0602a', '#34558b', '#d9b44a'])],
  [/description$|summary$|comment$|message$|^text$|^body$|notes?$|detail$/, from(sentences)],
  [/version$/, (random) => `${1 + random.below(4)}.${random.below(10)}.${random.below(10)}`],
  [/(?:title|name|label)$/, from(things)],
];

const memory = new Map<string, FormatWriter | undefined>();

/** Writes what a property of that name usually holds; undefined when the name says nothing. */
export const writerByName = (name: string): FormatWriter | undefined => {
  if (!memory.has(name)) {
    if (memory.size >= 8_192) memory.clear();
    const plain = name
      .slice(-64)
      .replace(/[^A-Za-z0-9]/g, '')
      .toLowerCase();
    memory.set(name, table.find(([ending]) => ending.test(plain))?.[1]);
  }
  return memory.get(name);
};

/** A plain word, for strings of which nothing is known. */
export const writeWord = (random: Random): string => `${random.pick(phrases)}-${random.pick(phrases)}`;

/** Usual ranges of numbers by the end of the property's name. */
const numberTable: readonly (readonly [ending: RegExp, range: [number, number]])[] = [
  [/lat(?:itude)?$/, [-90, 90]],
  [/(?:lon|lng)(?:gitude)?$/, [-180, 180]],
  [/^age$/, [18, 90]],
  [/year$/, [2000, 2026]],
  [/month$/, [1, 12]],
  [/^day$|dayofmonth$/, [1, 28]],
  [/hour$/, [0, 23]],
  [/minute$|second$/, [0, 59]],
  [/rating$|stars$/, [1, 5]],
  [/percent(?:age)?$/, [0, 100]],
  [/^port$/, [1024, 65_535]],
];

/** The usual range of a number by the name of its property; undefined when the name says nothing. */
export const rangeByName = (name: string): [number, number] | undefined => {
  const plain = name
    .slice(-64)
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase();
  return plain === '' ? undefined : numberTable.find(([ending]) => ending.test(plain))?.[1];
};
