import type { Effect } from '@burgeon/kit';

/** Verbs that begin a summary, by what they say is done; English in both forms, Polish in the third person and as an order. */
const verbs: Readonly<Record<Effect, RegExp>> = {
  read: /^(?:gets?|lists?|reads?|fetch(?:es)?|retrieves?|shows?|finds?|search(?:es)?|looks? up|quer(?:y|ies)|returns?|views?|downloads?|pobiera|pobierz|zwraca|zwróć|wyświetla|wyświetl|odczytuje|odczytaj|czyta|pokazuje|pokaż|listuje|wyszukuje|szuka|znajduje|sprawdza|sprawdź|podaje)(?![\p{L}])/iu,
  write:
    /^(?:creates?|adds?|updates?|inserts?|saves?|stores?|sets?|puts?|posts?|sends?|publish(?:es)?|uploads?|renames?|modif(?:y|ies)|replaces?|books?|orders?|pays?|buys?|tworzy|utwórz|dodaje|dodaj|zapisuje|zapisz|aktualizuje|zaktualizuj|zmienia|zmień|wysyła|wyślij|publikuje|opublikuj|ustawia|ustaw|zamawia|zamów)(?![\p{L}])/iu,
  delete:
    /^(?:deletes?|removes?|erases?|drops?|destroys?|purges?|wipes?|clears?|cancels?|revokes?|usuwa|usuń|kasuje|skasuj|czyści|wyczyść|anuluje|anuluj|odwołuje|odwołaj)(?![\p{L}])/iu,
};

/** What the first word of a sentence says an operation does; undefined when it is no verb of these. */
export const saidEffect = (sentence: string): Effect | undefined => {
  const text = sentence.trim().slice(0, 200);
  return (Object.keys(verbs) as Effect[]).find((effect) => verbs[effect].test(text));
};

/** Words with which a description takes an order of repetition back. */
const notRepeatable =
  /\b(?:not idempotent|each call (?:creates|adds|sends|charges)|every call (?:creates|adds|sends|charges)|charges? (?:again|each time|every time)|creates? a new \w+ (?:each|every) time)\b|nie jest idempotentn|każde wywołanie (?:tworzy|dodaje|wysyła)/iu;

/** True when words say that repeating a call does more than calling once. */
export const saysNotRepeatable = (text: string): boolean => notRepeatable.test(text.slice(0, 4_000));
