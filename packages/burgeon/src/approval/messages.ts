/** Languages of the texts that people approve by. */
export type Locale = 'en' | 'pl';

/** The sentences of a disclosure in one language. Every argument is already safe to show. */
export interface DisclosureWords {
  /** First line. `skill`: authored for a need; else a module of an interface. */
  heading(module: string, facts: { skill: boolean; previous: boolean; version: string }): string;
  nothing: string;
  /** Mark behind a line that the version before did not have. */
  added: string;
  widened: string;
  /** In front of what the version before had and this one gives up. */
  removed: string;
  reach(hosts: string, how: { methods?: string; paths?: string; private: boolean }): string;
  connect(hosts: string, how: { private: boolean }): string;
  /** One line per verb; `tables` is absent when the line before named them. */
  data: Readonly<Record<'select' | 'insert' | 'update' | 'delete' | 'execute' | 'define', (tables?: string) => string>>;
  /** Stands for `*`, all tables there are. */
  everything: string;
  /** One line per verb, or one for all of them. */
  messages: Readonly<Record<'all' | 'publish' | 'subscribe' | 'request', (topics: string) => string>>;
  files(globs: string, mode: string): string;
  secrets(names: string): string;
  model(classes: string, budget?: string): string;
  call(modules: string): string;
  clock: string;
  random: string;
  /** A capability this catalogue does not know. */
  other(kind: string, scope: string): string;
  version: string;
  fingerprint: string;
  /** Limits above the ordinary, each with its value and the ordinary one. */
  limits(list: string): string;
  checks(passed: number, total: number): string;
  failed(names: string): string;
  walls(names: string): string;
  /** There when the module is a program of its own, which no language holds back. */
  program: string;
  /** There when the powers above are what the author says, not what was read from the code. */
  declared: string;
}

const en: DisclosureWords = {
  heading: (module, { skill, previous, version }) =>
    previous
      ? `Version ${version} of ${skill ? 'skill' : 'module'} '${module}' wants to:`
      : `New ${skill ? 'skill' : 'module'} '${module}' wants to:`,
  nothing: 'Do nothing outside itself',
  added: ' (new)',
  widened: ' (more than before)',
  removed: 'No longer: ',
  reach: (hosts, { methods, paths, private: inside }) =>
    `Call ${hosts}${methods === undefined ? '' : ` with ${methods}`}${paths === undefined ? '' : `, only ${paths}`}${inside ? ', also at private addresses' : ''}`,
  connect: (hosts, { private: inside }) => `Open connections to ${hosts}${inside ? ', also at private addresses' : ''}`,
  data: {
    select: (tables) => `Read ${tables ?? 'entries'}`,
    insert: (tables) => `Write new entries${tables === undefined ? '' : ` to ${tables}`}`,
    update: (tables) => `Change entries${tables === undefined ? '' : ` of ${tables}`}`,
    delete: (tables) => `Delete entries${tables === undefined ? '' : ` of ${tables}`}`,
    execute: (tables) => `Run procedures${tables === undefined ? '' : ` ${tables}`}`,
    define: (tables) => `Change the structure${tables === undefined ? '' : ` of ${tables}`}`,
  },
  everything: 'everything its database user may read',
  messages: {
    all: (topics) => `Send and receive messages on ${topics} and replies to them`,
    publish: (topics) => `Send messages on ${topics}`,
    subscribe: (topics) => `Receive messages on ${topics} and answer them`,
    request: (topics) => `Ask other modules on ${topics} and receive their replies`,
  },
  files: (globs, mode) => `${mode === 'write' ? 'Read and write' : 'Read'} the files ${globs}`,
  secrets: (names) => `Let the host use the secrets ${names} on its behalf`,
  model: (classes, budget) => `Ask language models: ${classes}${budget === undefined ? '' : `, up to ${budget}`}`,
  call: (modules) => `Call the modules ${modules}`,
  clock: 'Know the time',
  random: 'Draw random numbers',
  other: (kind, scope) => `Use ${kind} ${scope}`,
  version: 'Version',
  fingerprint: 'Fingerprint',
  limits: (list) => `Higher limits than usual: ${list}`,
  checks: (passed, total) => `Checks passed: ${passed} of ${total}`,
  failed: (names) => `Checks failed: ${names}`,
  walls: (names) => `Runs in: ${names}`,
  program: 'Runs as a program of its own behind the walls: it may try anything, and only the walls hold it back',
  declared: 'What it wants is what its author says; its code was not read for it',
};

const pl: DisclosureWords = {
  heading: (module, { skill, previous, version }) =>
    previous
      ? `Wersja ${version} ${skill ? 'skilla' : 'modułu'} '${module}' chce:`
      : `Nowy ${skill ? 'skill' : 'moduł'} '${module}' chce:`,
  nothing: 'Nie robić nic poza sobą',
  added: ' (nowe)',
  widened: ' (więcej niż dotąd)',
  removed: 'Już nie: ',
  reach: (hosts, { methods, paths, private: inside }) =>
    `Łączyć się z ${hosts}${methods === undefined ? '' : ` przez ${methods}`}${paths === undefined ? '' : `, tylko ${paths}`}${inside ? ', także pod adresami prywatnymi' : ''}`,
  connect: (hosts, { private: inside }) => `Otwierać połączenia z ${hosts}${inside ? ', także pod adresami prywatnymi' : ''}`,
  data: {
    select: (tables) => `Odczytywać ${tables ?? 'wpisy'}`,
    insert: (tables) => `Zapisywać nowe wpisy${tables === undefined ? '' : ` w ${tables}`}`,
    update: (tables) => `Zmieniać wpisy${tables === undefined ? '' : ` w ${tables}`}`,
    delete: (tables) => `Usuwać wpisy${tables === undefined ? '' : ` z ${tables}`}`,
    execute: (tables) => `Uruchamiać procedury${tables === undefined ? '' : ` ${tables}`}`,
    define: (tables) => `Zmieniać strukturę${tables === undefined ? '' : ` ${tables}`}`,
  },
  everything: 'wszystko, co wolno czytać użytkownikowi bazy danych',
  messages: {
    all: (topics) => `Wysyłać i odbierać wiadomości ${topics} oraz odpowiedzi na nie`,
    publish: (topics) => `Wysyłać wiadomości ${topics}`,
    subscribe: (topics) => `Odbierać wiadomości ${topics} i odpowiadać na nie`,
    request: (topics) => `Zadawać innym modułom pytania ${topics} i odbierać odpowiedzi`,
  },
  files: (globs, mode) => `${mode === 'write' ? 'Odczytywać i zapisywać' : 'Odczytywać'} pliki ${globs}`,
  secrets: (names) => `Korzystać przez hosta z sekretów ${names}`,
  model: (classes, budget) => `Pytać modele językowe: ${classes}${budget === undefined ? '' : `, najwyżej ${budget}`}`,
  call: (modules) => `Wywoływać moduły ${modules}`,
  clock: 'Znać czas',
  random: 'Losować liczby',
  other: (kind, scope) => `Używać ${kind} ${scope}`,
  version: 'Wersja',
  fingerprint: 'Odcisk',
  limits: (list) => `Wyższe limity niż zwykle: ${list}`,
  checks: (passed, total) => `Kontrole zaliczone: ${passed} z ${total}`,
  failed: (names) => `Kontrole niezaliczone: ${names}`,
  walls: (names) => `Działa w: ${names}`,
  program: 'Działa jako osobny program za murami: może próbować wszystkiego, a powstrzymują go tylko mury',
  declared: 'Lista uprawnień pochodzi od autora; kod nie został pod tym kątem odczytany',
};

/** The catalogue. */
export const disclosureWords: Readonly<Record<Locale, DisclosureWords>> = { en, pl };
