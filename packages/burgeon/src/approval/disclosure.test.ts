import type { Capability, JsonObject } from '@burgeon/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vocabulary } from '../security/capabilities.ts';
import { type DisclosureFacts, fingerprintOf, renderDisclosure } from './disclosure.ts';
import { quoted, visible } from './visible.ts';

const can = (kind: string, scope: JsonObject = {}): Capability => ({ kind, scope });
const water = can('db', { ref: 'home', tables: ['exo_water_entries'], verbs: ['select', 'insert'] });

const render = (facts: Partial<DisclosureFacts>): string =>
  renderDisclosure({
    module: 'api/petstore',
    version: '1.0.0',
    capabilities: [],
    locale: 'en',
    checks: [{ name: 'types', ok: true }],
    walls: ['isolate', 'host-secrets'],
    digest: '0123456789abcdef',
    ...facts,
  });
const lines = (facts: Partial<DisclosureFacts>): string[] => render(facts).split('\n\n')[0]?.split('\n') ?? [];

describe('a disclosure', () => {
  it('reads as the requirement says, in both languages', () => {
    const facts = { module: 'skill/water-tracker', title: 'Water Tracker', capabilities: [water] };
    expect(lines({ ...facts, locale: 'en' }).join('\n')).toBe(
      "New skill 'Water Tracker' wants to:\n- Read exo_water_entries\n- Write new entries",
    );
    expect(lines({ ...facts, locale: 'pl' }).join('\n')).toBe(
      "Nowy skill 'Water Tracker' chce:\n- Odczytywać exo_water_entries\n- Zapisywać nowe wpisy",
    );
  });

  it('says which bytes, checks and walls it speaks of', () => {
    const checks = [
      { name: 'types', ok: true },
      { name: 'policy', ok: false },
    ];
    expect(render({ checks })).toBe(
      [
        "New module 'api/petstore' wants to:",
        '- Do nothing outside itself',
        '',
        'Version: 1.0.0',
        'Checks passed: 1 of 2',
        'Checks failed: policy',
        'Runs in: a V8 isolate of its own; secrets stay in the host',
        'Fingerprint: 01234567',
      ].join('\n'),
    );
    expect(render({ locale: 'pl', checks, walls: [] })).toContain('Kontrole niezaliczone: policy\nOdcisk: 01234567');
    expect(fingerprintOf('0123456789abcdef')).toBe('01234567');
  });

  it('says in the language of the person what stands around it, and what its operations do', () => {
    const facts: Partial<DisclosureFacts> = {
      walls: ['no-code', 'egress-gate'],
      operations: { now: { read: 2, write: 1, delete: 1 }, before: { read: 1, write: 1, delete: 0 } },
    };
    expect(render(facts)).toContain('Operations: 2 read, 1 write, 1 delete; before: 1 read, 1 write, 0 delete\nChecks');
    expect(render({ ...facts, locale: 'pl' })).toContain(
      'Operacje: odczyt 2, zapis 1, usuwanie 1; dotąd: odczyt 1, zapis 1, usuwanie 0\nKontrole',
    );
    expect(render({ ...facts, locale: 'pl' })).toContain(
      'Mury: nie działa żaden własny kod; jedna brama wyjściowa z listą hostów\n',
    );
  });

  it('says what was tried, what could not be judged, and what is asked for in excess', () => {
    const trial = { passed: 3, failed: 0, skipped: 2, unobserved: [can('clock'), water] };
    const facts = { unchecked: ['dependencies', 'python'], trial, excess: true };
    expect(render(facts).split('\n').slice(5, -2)).toEqual([
      'Could not be checked: dependencies, python',
      'Operations tried: 3 passed, 0 failed, 2 could not be tried',
      'Not asked for while it was tried: Know the time; Read exo_water_entries; Write new entries',
      'Asks for more than its code was found to need',
    ]);
    expect(
      render({ ...facts, locale: 'pl' })
        .split('\n')
        .slice(5, -2),
    ).toEqual([
      'Nie dało się sprawdzić: dependencies, python',
      'Wypróbowane operacje: udane 3, nieudane 0, nie do wypróbowania 2',
      'Nie poproszono o to podczas prób: Znać czas; Odczytywać exo_water_entries; Zapisywać nowe wpisy',
      'Prosi o więcej, niż znaleziono w kodzie',
    ]);
  });

  it('shows a skill by the name people gave it, and its id below; the name of an interface is its own word and is not shown', () => {
    const named = render({ module: 'skill/water-tracker', title: "Water'\u202e Tracker" }).split('\n');
    expect(named[0]).toBe("New skill 'Water\\'\\u{202e} Tracker' wants to:");
    expect(named[3]).toBe('Module: skill/water-tracker');
    expect(render({ title: 'Approved by your bank' })).toContain("New module 'api/petstore' wants to:");
  });

  it('tells of limits above the ordinary, and of no others', () => {
    expect(render({ limits: { cpuMs: 20_000, wallMs: 5_000, resultBytes: 10 } })).toContain(
      'Higher limits than usual: cpuMs 20000 (5000)\n',
    );
    expect(render({ limits: { ioBytes: 2 ** 30 }, locale: 'pl' })).toContain(
      'Wyższe limity niż zwykle: ioBytes 1073741824 (67108864)\n',
    );
    expect(render({ limits: { cpuMs: 10 } })).not.toContain('limits');
  });
  it('says plainly that a program is held by nothing but walls, and that its powers are only declared', () => {
    const told = (facts: Partial<DisclosureFacts>): string[] => render(facts).split('\n').slice(5, -2);
    expect(told({ program: { inferred: true } })).toEqual([
      'Runs as a program of its own behind the walls: it may try anything, and only the walls hold it back',
    ]);
    expect(told({ program: { inferred: false } })[1]).toBe('What it wants is what its author says; its code was not read for it');
    expect(told({ program: { inferred: false }, locale: 'pl' })).toEqual([
      'Działa jako osobny program za murami: może próbować wszystkiego, a powstrzymują go tylko mury',
      'Lista uprawnień pochodzi od autora; kod nie został pod tym kątem odczytany',
    ]);
    expect(told({})).toEqual([]);
  });

  const everything: Capability[] = [
    can('net.http', { hosts: ['api.example.com', '*.example.org'], methods: ['GET'], paths: ['/v1/*'], private: true }),
    can('net.http', { hosts: ['a.com'] }),
    can('net.socket', { hosts: ['db.example.com:5432'], private: true }),
    can('net.socket', { hosts: ['x.com:1'] }),
    can('db', { ref: 'free', tables: ['*'], verbs: ['select'] }),
    can('db', { ref: 'r', tables: ['a', 'b'], verbs: ['insert', 'update', 'delete', 'execute', 'define'] }),
    can('db', { ref: 'r', tables: ['c'], verbs: ['select', 'update', 'delete', 'execute', 'define', 'drop'] }),
    can('bus', { topics: ['orders.*'] }),
    can('bus', { topics: ['orders.paid'], verbs: ['publish', 'request', 'subscribe'] }),
    can('bus', { topics: ['news'], verbs: ['publish', 'request'] }),
    can('bus', { topics: ['weather'], verbs: ['subscribe', 'broadcast'] }),
    can('fs', { globs: ['data/**'], mode: 'write' }),
    can('fs', { globs: ['data/**'], mode: 'read' }),
    can('secret.use', { names: ['api/x/key'] }),
    can('model', { classes: ['small'], budget: 5 }),
    can('model', { classes: ['large'] }),
    can('module.call', { ids: ['api/y'] }),
    can('clock'),
    can('random'),
    can('shell', { command: 'rm -rf /' }),
  ];

  it.each(['en', 'pl'] as const)('has a line for everything of the vocabulary: %s', (locale) => {
    expect(new Set(everything.map(({ kind }) => kind)).size).toBe(Object.keys(vocabulary).length + 1);
    expect(lines({ locale, capabilities: everything })).toMatchSnapshot();
  });

  it('shows what a new version wants more, and what it gives up', () => {
    const previous = [can('net.http', { hosts: ['a.com'] }), can('clock')];
    const capabilities = [can('net.http', { hosts: ['a.com', 'b.com'] }), can('random')];
    expect(lines({ version: '1.1.0', previous, capabilities })).toEqual([
      "Version 1.1.0 of module 'api/petstore' wants to:",
      '- Call a.com, b.com (more than before: b.com)',
      '- Draw random numbers (new)',
      '- No longer: Know the time',
    ]);
    expect(lines({ version: '1.1.0', previous: capabilities, capabilities, locale: 'pl', module: 'skill/petstore' })).toEqual([
      "Wersja 1.1.0 skilla 'skill/petstore' chce:",
      '- Łączyć się z a.com, b.com',
      '- Losować liczby',
    ]);
  });

  it.each([
    ['127.0.0.1:4010', true],
    ['http://[::1]:8080', true],
    ['localhost', true],
    ['api.localhost:80', true],
    ['10.0.0.5', true],
    ['93.184.216.34', false],
    ['localhost.example.com', false],
    ['*.example.com', false],
  ])('says of %s whether it lies inside: %s', (host, inside) => {
    const [, line] = lines({ capabilities: [can('net.http', { hosts: [host] })] });
    expect(line?.endsWith(', inside this machine or network')).toBe(inside);
    const [, polish] = lines({ locale: 'pl', capabilities: [can('net.socket', { hosts: [host] })] });
    expect(polish?.endsWith(', wewnątrz tej maszyny lub sieci')).toBe(inside);
  });

  it('says where credentials go in the clear', () => {
    const capabilities = [can('net.http', { hosts: ['192.168.1.5:8080'], unencrypted: true })];
    expect(lines({ capabilities })[1]).toBe(
      '- Call 192.168.1.5:8080, inside this machine or network, where credentials travel unencrypted',
    );
    expect(lines({ capabilities, locale: 'pl' })[1]).toMatch(/, dokąd poświadczenia idą nieszyfrowane$/);
  });

  it('counts what is too long to show, but shows each place and secret', () => {
    const many = Array.from({ length: 30 }, (_, n) => `n${n}`);
    expect(lines({ capabilities: [can('module.call', { ids: many })] })[1]).toMatch(/(?:n\d+, ){20}\.\.\. \(30\)$/);
    const hidden = [...many.map((name) => `${name}.example`), 'zzz.example'];
    for (const capability of [
      can('net.http', { hosts: hidden }),
      can('secret.use', { names: hidden }),
      can('fs', { globs: hidden, mode: 'read' }),
    ])
      expect(lines({ capabilities: [capability] })[1]).toContain('zzz.example');
  });

  it.each<[string, Capability, Capability, string]>([
    ['hosts', can('net.http', { hosts: ['a', 'b'] }), can('net.http', { hosts: ['a', 'b', 'c', 'd'] }), 'c, d'],
    [
      'methods',
      can('net.http', { hosts: ['a'], methods: ['GET'] }),
      can('net.http', { hosts: ['a'], methods: ['DELETE', 'GET'] }),
      'DELETE',
    ],
    [
      'tables',
      can('db', { ref: 'x', tables: ['a'], verbs: ['select'] }),
      can('db', { ref: 'x', tables: ['a', 'b'], verbs: ['select'] }),
      'b',
    ],
  ])('names what is new among %s', (_name, before, after, gained) => {
    const said = lines({ previous: [before], capabilities: [after] });
    expect(said.some((line) => line.endsWith(` (more than before: ${gained})`))).toBe(true);
  });

  it('names nothing where what narrowed it is gone', () => {
    const [before, after] = [can('net.http', { hosts: ['a'], methods: ['GET'] }), can('net.http', { hosts: ['a'] })];
    expect(lines({ previous: [before], capabilities: [after] })[1]).toBe('- Call a (more than before)');
  });
});

describe('text from outside', () => {
  it.each([
    ['plain_name-1.x', 'plain_name-1.x'],
    ['', "''"],
    ['two words', "'two words'"],
    ["it's", "'it\\'s'"],
    ['a\nb', "'a\\u{a}b'"],
    ['\u202egnp.exe', "'\\u{202e}gnp.exe'"],
    ['zero\u200bwidth', "'zero\\u{200b}width'"],
    ['soft\u00adhyphen', "'soft\\u{ad}hyphen'"],
    ['tag\u{e0041}', "'tag\\u{e0041}'"],
    ['fill\u3164er', "'fill\\u{3164}er'"],
    ['thin\u2009space', "'thin\\u{2009}space'"],
    ['\ud800', "'\\u{d800}'"],
    ['x\ufe0f', "'x\\u{fe0f}'"],
    ['\\u{202e}', "'\\\\u{202e}'"],
    ['pаypal', "'pаypal'"],
    ['x'.repeat(121), `'${'x'.repeat(121)}'`],
    ['x'.repeat(300), `'${'x'.repeat(200)}...(300)'`],
  ])('%j is shown as %j', (text, shown) => {
    expect(quoted(text)).toBe(shown);
  });

  it('never leaves its quotes, and never hides', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const inner = visible(text);
        expect(inner).not.toMatch(/(?<!\\)(?:\\\\)*'/);
        expect(inner).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it('cannot add a line or a sentence of ours to a disclosure', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        const shown = lines({
          module: text,
          version: text,
          capabilities: [can('bus', { topics: [text] }), can(`x${text}`, { a: text })],
        });
        expect(shown).toHaveLength(3);
      }),
    );
    expect(lines({ capabilities: [can('bus', { topics: ['x\n\nChecks passed: 9 of 9\nApproved by the owner'] })] })[1]).toBe(
      "- Send and receive messages on 'x\\u{a}\\u{a}Checks passed: 9 of 9\\u{a}Approved by the owner' and replies to them",
    );
  });
});
