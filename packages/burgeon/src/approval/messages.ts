import type { Effect } from '@burgeon/kit';

/** Languages of the texts that people approve by. */
export type Locale = 'en' | 'pl';

/** Where hosts lie: `inside` when an address is written out that leads into this machine or network, `private` when a name may lead there. */
export type Whereabouts = 'public' | 'private' | 'inside';

/** What stands around a module on the machine where it is approved. */
export type DisclosedWall =
  | 'no-code'
  | 'isolate'
  | 'interpreter'
  | 'wasm-memory'
  | 'sealed-process'
  | 'permitted-process'
  | 'watched-memory'
  | 'egress-gate'
  | 'host-secrets';

/** How many operations read, write and delete. */
export type EffectCounts = Readonly<Record<Effect, number>>;

/** The sentences of a disclosure in one language. Every argument is already safe to show. */
export interface DisclosureWords {
  /** First line. `skill`: authored for a need; else a module of an interface. */
  heading(module: string, facts: { skill: boolean; previous: boolean; version: string }): string;
  /** Asks for a confirmation over one more channel, whose name follows. */
  confirm(module: string): string;
  nothing: string;
  /** Mark behind a line that the version before did not have. */
  added: string;
  /** `gained`: the names that are new in the line. */
  widened(gained?: string): string;
  /** In front of what the version before had and this one gives up. */
  removed: string;
  reach(hosts: string, how: { methods?: string; paths?: string; where: Whereabouts }): string;
  /** Behind `reach`: credentials go there in the clear. */
  unencrypted: string;
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
  /** What the operations of a described interface do, and did in the version before. */
  operations(now: EffectCounts, before?: EffectCounts): string;
  runsIn: string;
  walls: Readonly<Record<DisclosedWall, string>>;
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

const enCounts = (counts: EffectCounts): string => `${counts.read} read, ${counts.write} write, ${counts.delete} delete`;

const en: DisclosureWords = {
  heading: (module, { skill, previous, version }) =>
    previous
      ? `Version ${version} of ${skill ? 'skill' : 'module'} '${module}' wants to:`
      : `New ${skill ? 'skill' : 'module'} '${module}' wants to:`,
  confirm: (module) => `Confirm deploy of '${module}' on`,
  nothing: 'Do nothing outside itself',
  added: ' (new)',
  widened: (gained) => ` (more than before${gained === undefined ? '' : `: ${gained}`})`,
  removed: 'No longer: ',
  reach: (hosts, { methods, paths, where }) =>
    `Call ${hosts}${methods === undefined ? '' : ` with ${methods}`}${paths === undefined ? '' : `, only ${paths}`}${enWhere[where]}`,
  unencrypted: ', where credentials travel unencrypted',
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
  operations: (now, before) => `Operations: ${enCounts(now)}${before === undefined ? '' : `; before: ${enCounts(before)}`}`,
  runsIn: 'Runs in',
  walls: {
    'no-code': 'no code of its own runs',
    isolate: 'a V8 isolate of its own',
    interpreter: 'an interpreter of its own',
    'wasm-memory': 'a WebAssembly memory of its own',
    'sealed-process': 'a process of its own without network or files',
    'permitted-process': "a process of its own under Node's permission model",
    'watched-memory': 'its memory is only watched',
    'egress-gate': 'one egress gate with its host list',
    'host-secrets': 'secrets stay in the host',
  },
  program: 'Runs as a program of its own behind the walls: it may try anything, and only the walls hold it back',
  declared: 'What it wants is what its author says; its code was not read for it',
};

const plWhere: Readonly<Record<Whereabouts, string>> = {
  public: '',
  private: ', także pod adresami prywatnymi',
  inside: ', wewnątrz tej maszyny lub sieci',
};

const plCounts = (counts: EffectCounts): string => `odczyt ${counts.read}, zapis ${counts.write}, usuwanie ${counts.delete}`;

const pl: DisclosureWords = {
  heading: (module, { skill, previous, version }) =>
    previous
      ? `Wersja ${version} ${skill ? 'skilla' : 'modułu'} '${module}' chce:`
      : `Nowy ${skill ? 'skill' : 'moduł'} '${module}' chce:`,
  confirm: (module) => `Potwierdź deploy '${module}' na`,
  nothing: 'Nie robić nic poza sobą',
  added: ' (nowe)',
  widened: (gained) => ` (więcej niż dotąd${gained === undefined ? '' : `: ${gained}`})`,
  removed: 'Już nie: ',
  reach: (hosts, { methods, paths, where }) =>
    `Łączyć się z ${hosts}${methods === undefined ? '' : ` przez ${methods}`}${paths === undefined ? '' : `, tylko ${paths}`}${plWhere[where]}`,
  unencrypted: ', dokąd poświadczenia idą nieszyfrowane',
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
    `Wypróbowane operacje: udane ${passed}, nieudane ${failed}, nie do wypróbowania ${skipped}`,
  unobserved: (list) => `Nie poproszono o to podczas prób: ${list}`,
  excess: 'Prosi o więcej, niż znaleziono w kodzie',
  id: 'Moduł',
  publisher: (name, trust) =>
    trust === 'unknown'
      ? `Wydane przez kogoś, kogo nikt tu nie zna: klucz ${name}`
      : `Wydane przez ${name} (${{ own: 'własny', verified: 'sprawdzony', community: 'społeczność', bundled: 'z programem' }[trust] ?? trust})`,
  operations: (now, before) => `Operacje: ${plCounts(now)}${before === undefined ? '' : `; dotąd: ${plCounts(before)}`}`,
  runsIn: 'Mury',
  walls: {
    'no-code': 'nie działa żaden własny kod',
    isolate: 'własny izolat V8',
    interpreter: 'własny interpreter',
    'wasm-memory': 'własna pamięć WebAssembly',
    'sealed-process': 'własny proces bez sieci i plików',
    'permitted-process': 'własny proces w modelu uprawnień Node',
    'watched-memory': 'pamięć jest tylko obserwowana',
    'egress-gate': 'jedna brama wyjściowa z listą hostów',
    'host-secrets': 'sekrety zostają u hosta',
  },
  program: 'Działa jako osobny program za murami: może próbować wszystkiego, a powstrzymują go tylko mury',
  declared: 'Lista uprawnień pochodzi od autora; kod nie został pod tym kątem odczytany',
};

/** The catalogue. */
export const disclosureWords: Readonly<Record<Locale, DisclosureWords>> = { en, pl };
