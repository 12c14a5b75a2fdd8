import { type Candidate, type Capability, type Diagnostic, type Effect, type Operation, manifestExtension } from '@burgeon/kit';
import { isObject } from '../../../base/json.ts';
import type { CodeDeed } from '../../../security/code-facts/facts.ts';
import { advised, finding } from './finding.ts';
import { saidEffect, saysNotRepeatable } from './verbs.ts';

/** Methods of powers that change what is on the other side; an operation that calls one does not only read. */
const changing: Readonly<Record<string, ReadonlySet<string>>> = {
  db: new Set(['insert', 'update', 'delete', 'upsert', 'define']),
  fs: new Set(['write', 'append', 'remove', 'rename']),
  bus: new Set(['publish']),
};

/** Methods of HTTP that change something by their definition (RFC 9110 section 9.2.1). POST may as well ask a question. */
const changingVerbs: ReadonlySet<string> = new Set(['PUT', 'PATCH', 'DELETE']);

/** How sure it is that a deed changes something. */
const weight = ({ power, method, verb }: CodeDeed): 'sure' | 'likely' | undefined => {
  if (power !== 'http') return changing[power]?.has(method) ? 'sure' : undefined;
  if (verb !== undefined && changingVerbs.has(verb)) return 'sure';
  return verb === 'POST' ? 'likely' : undefined;
};

const words = ({ summary, description }: Operation): string => summary ?? description ?? '';

const shown = ({ id }: Operation): string => `"${id.slice(0, 100)}"`;

/** What the code of an operation does, against what is declared and said of it. */
const judgeDeeds = (operation: Operation, deeds: readonly CodeDeed[]): Diagnostic[] => {
  const said = saidEffect(words(operation));
  if (operation.effect !== 'read' && said !== 'read') return [];
  const told = operation.effect === 'read' ? 'is declared to read' : 'says that it reads';
  return deeds
    .filter((deed) => deed.operation === operation.id)
    .flatMap((deed) => {
      const sure = weight(deed);
      if (sure === undefined) return [];
      const does = deed.power === 'http' ? `sends ${deed.verb}` : `calls ${deed.power}.${deed.method}`;
      return [
        {
          ...advised(
            finding(
              sure === 'sure' ? 'error' : 'warning',
              'effect-contradicts',
              `${deed.file}:${deed.line}:${deed.column}`,
              `${shown(operation)} ${told}, but it ${does}.`,
            ),
            'Declare the effect that it has: "write" or "delete".',
          ),
          position: { line: deed.line, column: deed.column },
        },
      ];
    });
};

const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];

/** True for a power that can be used for nothing but changes. */
const onlyChanges = ({ kind, scope }: Capability): boolean => {
  if (!isObject(scope)) return false;
  const [verbs, methods] = [textsIn(scope['verbs']), textsIn(scope['methods'])];
  if (kind === 'db') return verbs.length > 0 && verbs.every((verb) => ['insert', 'update', 'delete', 'define'].includes(verb));
  return kind === 'net.http' && methods.length > 0 && methods.every((method) => changingVerbs.has(method.toUpperCase()));
};

/** A module all of whose operations read has no use for a power that only changes things. */
const judgePowers = ({ manifest, interface: { operations } }: Candidate): Diagnostic[] => {
  const { capabilities } = manifest.extensions[manifestExtension];
  if (operations.length === 0 || operations.some(({ effect }) => effect !== 'read')) return [];
  return capabilities.flatMap((capability, index) =>
    onlyChanges(capability)
      ? [
          advised(
            finding(
              'error',
              'effect-contradicts',
              `/manifest/extensions/${manifestExtension}/capabilities/${index}`,
              `Every operation is declared to read, but the module wants ${capability.kind} for nothing but changes.`,
            ),
            'Declare the effect of the operations that change something, or leave the capability out.',
          ),
        ]
      : [],
  );
};

/** Where something can be changed at all: a module that neither keeps a state nor reaches anything only reckons. */
const reachesOut = ({ manifest }: Candidate): boolean => {
  const { capabilities, state } = manifest.extensions[manifestExtension];
  return state !== undefined || capabilities.some(({ kind }) => kind !== 'clock' && kind !== 'random');
};

const graver: Readonly<Record<Effect, number>> = { read: 0, write: 1, delete: 2 };

/** What the words of an operation say against what is declared of it. */
const judgeWords = (operation: Operation, at: string, isCode: boolean): Diagnostic[] => {
  const severity = isCode ? 'warning' : 'info';
  const said = saidEffect(words(operation));
  const found: Diagnostic[] = [];
  if (said !== undefined && said !== operation.effect && (said === 'read' || operation.effect === 'read')) {
    const less = graver[said] > graver[operation.effect];
    const surely = isCode && said === 'delete';
    found.push(
      finding(
        surely ? 'error' : less ? 'warning' : severity,
        'summary-contradicts',
        `${at}/summary`,
        `${shown(operation)} says that it ${said}s, and is declared to ${operation.effect}.`,
      ),
    );
  }
  if (
    operation.idempotent &&
    operation.effect !== 'read' &&
    saysNotRepeatable(`${operation.summary ?? ''} ${operation.description ?? ''}`)
  )
    found.push(
      finding(
        'warning',
        'idempotent-contradicts',
        `${at}/idempotent`,
        `${shown(operation)} may be repeated, and says that it may not.`,
      ),
    );
  if (operation.effect === 'read' && !operation.idempotent)
    found.push(
      finding(severity, 'idempotent-contradicts', `${at}/idempotent`, `${shown(operation)} only reads, and may not be repeated.`),
    );
  return found;
};

/** What a module says that it does against what it does: declared effects, words, powers, and the calls in its code. */
export const judgeBehaviour = (candidate: Candidate, deeds: readonly CodeDeed[]): Diagnostic[] => {
  const isCode = candidate.manifest.extensions[manifestExtension].kind === 'code';
  const { operations } = candidate.interface;
  return [
    ...(isCode ? [...operations.flatMap((operation) => judgeDeeds(operation, deeds)), ...judgePowers(candidate)] : []),
    ...(isCode && !reachesOut(candidate)
      ? []
      : operations.flatMap((operation, index) => judgeWords(operation, `/interface/operations/${index}`, isCode))),
  ];
};
