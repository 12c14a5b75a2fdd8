/** A kind of quantity, and the units in which it is told, each with the words for it. */
interface Quantity {
  /** Names of properties that hold it. */
  names: RegExp;
  units: Readonly<Record<string, RegExp>>;
}

/** A unit by its words; a single letter counts only where a number, a bracket or "in" stands before it. */
const word = (pattern: string): RegExp => {
  const [letters, longer] = [/^[a-z]$/i, /^.{2}/].map((kind) =>
    pattern
      .split('|')
      .filter((each) => kind.test(each))
      .join('|'),
  );
  const alone = letters === '' ? '' : `|(?<=\\d\\s?|[([]|(?<!\\p{L})(?:in|w) )(?:${letters})`;
  return new RegExp(`(?:(?<![\\p{L}_'’])(?:${longer})${alone})(?![\\p{L}_])`, 'iu');
};

/** Quantities whose numbers mean nothing without a unit. */
const quantities: readonly Quantity[] = [
  {
    names: /^(?:timeout|duration|delay|interval|elapsed|latency|ttl|age|period|wait|czas|opóźnienie)$/i,
    units: {
      nanoseconds: word('ns|nanoseconds?|nanosekund\\p{L}*'),
      microseconds: word('us|µs|microseconds?|mikrosekund\\p{L}*'),
      milliseconds: word('ms|millis(?:econds?)?|milisekund\\p{L}*'),
      seconds: word('s|secs?|seconds?|sekund\\p{L}*'),
      minutes: word('min|mins|minutes?|minut\\p{L}*'),
      hours: word('h|hrs?|hours?|godzin\\p{L}*'),
      days: word('d|days?|dni|dzień|dnia'),
      months: word('months?|miesi\\p{L}+'),
      years: word('years?|lat|lata|rok|roku'),
    },
  },
  {
    names: /^(?:weight|mass|waga|masa)$/i,
    units: {
      milligrams: word('mg|milligrams?'),
      grams: word('g|grams?|gram\\p{L}*'),
      kilograms: word('kg|kilograms?|kilogram\\p{L}*'),
      pounds: word('lbs?|pounds?|funt\\p{L}*'),
      ounces: word('oz|ounces?'),
    },
  },
  {
    names: /^(?:distance|length|width|height|depth|altitude|radius|odległość|długość|szerokość|wysokość)$/i,
    units: {
      millimetres: word('mm|millimet(?:er|re)s?|milimetr\\p{L}*'),
      centimetres: word('cm|centimet(?:er|re)s?|centymetr\\p{L}*'),
      metres: word('m|met(?:er|re)s?|metr\\p{L}*'),
      kilometres: word('km|kilomet(?:er|re)s?|kilometr\\p{L}*'),
      inches: word('in|inch(?:es)?|cal\\p{L}{0,2}'),
      feet: word('ft|feet|foot|stóp'),
      miles: word('mi|miles?|mil'),
      pixels: word('px|pixels?|piksel\\p{L}*'),
      characters: word('chars?|characters?|znak\\p{L}*|letters?|items?|bytes?|words?'),
    },
  },
  {
    names: /^(?:temperature|temp|temperatura)$/i,
    units: { celsius: /°\s?C|celsius/iu, fahrenheit: /°\s?F|fahrenheit/iu, kelvin: word('kelvins?') },
  },
  {
    names: /^(?:volume|capacity|objętość|pojemność)$/i,
    units: {
      millilitres: word('ml|millilit(?:er|re)s?|mililitr\\p{L}*'),
      litres: word('l|lit(?:er|re)s?|litr\\p{L}*'),
      percent: /%|percent|procent/iu,
      share: word('0 to 1|share|fraction'),
    },
  },
  {
    names: /^(?:price|cost|amount|fee|salary|balance|cena|koszt|kwota|opłata)$/i,
    units: {
      minor: word('cents?|pence|grosz\\p{L}*|minor units?|smallest (?:currency )?unit'),
      zloty: word('PLN|zł|złot\\p{L}*'),
      euro: /€|(?<!\p{L})(?:EUR|euros?)(?!\p{L})/iu,
      dollar: /\$|(?<!\p{L})(?:USD|dollars?|dolar\p{L}*)(?!\p{L})/iu,
      pound: /£|(?<!\p{L})GBP(?!\p{L})/iu,
      another: /currency|walut\p{L}*|units?|pieces?|sztuk\p{L}*/iu,
    },
  },
  {
    names: /^(?:speed|velocity|prędkość)$/i,
    units: {
      kmh: /km\/h|kph|kilomet(?:er|re)s per hour/iu,
      mph: word('mph|miles per hour'),
      ms: /m\/s|met(?:er|re)s per second/iu,
      knots: word('knots?|kn'),
    },
  },
];

/** Endings of a property's name that say the unit: `timeoutMs`, `weight_kg`. */
const endings: Readonly<Record<string, string>> = {
  ns: 'nanoseconds',
  us: 'microseconds',
  ms: 'milliseconds',
  millis: 'milliseconds',
  milliseconds: 'milliseconds',
  sec: 'seconds',
  secs: 'seconds',
  seconds: 'seconds',
  min: 'minutes',
  mins: 'minutes',
  minutes: 'minutes',
  hours: 'hours',
  days: 'days',
  months: 'months',
  years: 'years',
  mg: 'milligrams',
  g: 'grams',
  grams: 'grams',
  kg: 'kilograms',
  lb: 'pounds',
  lbs: 'pounds',
  oz: 'ounces',
  mm: 'millimetres',
  cm: 'centimetres',
  m: 'metres',
  meters: 'metres',
  metres: 'metres',
  km: 'kilometres',
  inches: 'inches',
  feet: 'feet',
  ft: 'feet',
  miles: 'miles',
  px: 'pixels',
  pixels: 'pixels',
  celsius: 'celsius',
  fahrenheit: 'fahrenheit',
  kelvin: 'kelvin',
  ml: 'millilitres',
  l: 'litres',
  litres: 'litres',
  liters: 'litres',
  cents: 'minor',
  pln: 'zloty',
  eur: 'euro',
  usd: 'dollar',
  gbp: 'pound',
};

const partsOf = (name: string): string[] => name.split(/[^\p{L}\d]+|(?<=[\p{Ll}\d])(?=\p{Lu})/u).filter((part) => part !== '');

/** What a property's name and words say of its unit. */
export interface UnitSaid {
  /** Kind of quantity that the name speaks of; undefined when it needs no unit. */
  needsUnit: boolean;
  /** Unit in the name. */
  named: string | undefined;
  /** Units in the words, of the same quantity as the one in the name or that the name needs. */
  told: string[];
}

/** Reads units out of a property's name and of the words about it. */
export const unitsOf = (name: string, text: string): UnitSaid => {
  const parts = partsOf(name);
  const last = parts.at(-1)?.toLowerCase() ?? '';
  const named = parts.length > 1 && Object.hasOwn(endings, last) ? endings[last] : undefined;
  const quantity = quantities.find(({ names, units }) =>
    named === undefined ? names.test(parts.at(-1) ?? '') : Object.hasOwn(units, named),
  );
  const told = quantity ? Object.keys(quantity.units).filter((unit) => quantity.units[unit]?.test(text.slice(0, 2_000))) : [];
  return { needsUnit: named === undefined && quantity !== undefined, named, told };
};

/** Names beside a number that say its unit. */
export const isUnitName = (name: string): boolean =>
  /(?:^|_)(?:unit|units|currency|jednostka|waluta)$|(?:Unit|Units|Currency)$/i.test(name);
