/** Languages of the texts that people approve by. */
export type Locale = 'en' | 'pl';

/** Where hosts lie: `inside` when an address is written out that leads into this machine or network, `private` when a name may lead there. */
export type Whereabouts = 'public' | 'private' | 'inside';

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
  reach(hosts: string, how: { methods?: string; paths?: string; where: Whereabouts }): string;
  connect(hosts: string, how: { where: Whereabouts }): string;
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
  /** Checks that had nothing to judge by. */
  unchecked(names: string): string;
  tried(counts: { passed: number; failed: number; skipped: number }): string;
  /** What it wants and did not ask for while it was tried; each as its own line says it. */
  unobserved(list: string): string;
  /** There when more is asked for than was found to be needed. */
  excess: string;
  /** Id of a module that is shown by another name. */
  id: string;
  /** Who published it as a package, and how far that is believed. */
  publisher(name: string, trust: string): string;
  walls(names: string): string;
  /** There when the module is a program of its own, which no language holds back. */
  program: string;
  /** There when the powers above are what the author says, not what was read from the code. */
  declared: string;
}

const enWhere: Readonly<Record<Whereabouts, string>> = {
  public: '',
  private: ', also at private addresses',
  inside: ', inside this machine or network',
};

const en: DisclosureWords = {
  heading: (module, { skill, previous, version }) =>
    previous
      ? `Version ${version} of ${skill ? 'skill' : 'module'} '${module}' wants to:`
      : `New ${skill ? 'skill' : 'module'} '${module}' wants to:`,
  nothing: 'Do nothing outside itself',
  added: ' (new)',
  widened: ' (more than before)',
  removed: 'No longer: ',
  reach: (hosts, { methods, paths, where }) =>
    `Call ${hosts}${methods === undefined ? '' : ` with ${methods}`}${paths === undefined ? '' : `, only ${paths}`}${enWhere[where]}`,
  connect: (hosts, { where }) => `Open connections to ${hosts}${enWhere[where]}`,
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
  unchecked: (names) => `Could not be checked: ${names}`,
  tried: ({ passed, failed, skipped }) => `Operations tried: ${passed} passed, ${failed} failed, ${skipped} could not be tried`,
  unobserved: (list) => `Not asked for while it was tried: ${list}`,
  excess: 'Asks for more than its code was found to need',
  id: 'Module',
  publisher: (name, trust) =>
    trust === 'unknown' ? `Published by somebody nobody here knows: the key ${name}` : `Published by ${name} (${trust})`,
  walls: (names) => `Runs in: ${names}`,
  program: 'Runs as a program of its own behind the walls: it may try anything, and only the walls hold it back',
  declared: 'What it wants is what its author says; its code was not read for it',
};

const plWhere: Readonly<Record<Whereabouts, string>> = {
  public: '',
  private: ', także pod adresami prywatnymi',
  inside: ', wewnątrz tej maszyny lub sieci',
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
  reach: (hosts, { methods, paths, where }) =>
    `Łączyć się z ${hosts}${methods === undefined ? '' : ` przez ${methods}`}${paths === undefined ? '' : `, tylko ${paths}`}${plWhere[where]}`,
  connect: (hosts, { where }) => `Otwierać połączenia z ${hosts}${plWhere[where]}`,
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
  unchecked: (names) => `Nie dało się sprawdzić: ${names}`,
  tried: ({ passed, failed, skipped }) =>
    `Wypróbowane operacje: ${passed} udanych, ${failed} nieudanych, ${skipped} nie do wypróbowania`,
  unobserved: (list) => `Nie poproszono o to podczas prób: ${list}`,
  excess: 'Prosi o więcej, niż znaleziono w kodzie',
  id: 'Moduł',
  publisher: (name, trust) =>
    trust === 'unknown'
      ? `Wydane przez kogoś, kogo nikt tu nie zna: klucz ${name}`
      : `Wydane przez ${name} (${{ own: 'własny', verified: 'sprawdzony', community: 'społeczność', bundled: 'z programem' }[trust] ?? trust})`,
  walls: (names) => `Działa w: ${names}`,
  program: 'Działa jako osobny program za murami: może próbować wszystkiego, a powstrzymują go tylko mury',
  declared: 'Lista uprawnień pochodzi od autora; kod nie został pod tym kątem odczytany',
};

/** The catalogue. */
export const disclosureWords: Readonly<Record<Locale, DisclosureWords>> = { en, pl };
