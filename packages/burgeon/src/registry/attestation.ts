import type { JsonObject, JsonValue, ModuleManifest } from '@burgeon/kit';
import { asText, digestOf, isObject } from '../base/json.ts';
import { version as ownVersion } from '../base/version.ts';
import type { FileDigest } from '../security/bundle.ts';
import { type Statement, statementType } from '../security/sign.ts';
import { type Publication, type VersionRecord, keyOf } from './records.ts';

/** Type of what we say of a release. @see https://slsa.dev/spec/v1.0/provenance */
export const provenanceType = 'https://slsa.dev/provenance/v1';

/** What was said before provenance: still read, never written. */
const earlierType = 'https://burgeon.dev/attestations/release/v1';

/** How the inputs of a build are to be understood: a source is read, written out, checked, tried and approved. */
const buildType = 'https://burgeon.dev/build/module/v1';

/** Our part of the predicate. @see https://slsa.dev/spec/v1.0/provenance#extension-fields */
const extension = 'burgeon_release';

/** What the owner agreed to: which request, to which bytes and capabilities, and which channels confirmed when. */
export interface ReleaseApproval {
  request: string;
  /** The run that made what was asked about: the same bytes staged again are asked about again. */
  run?: string;
  digest: string;
  capabilitiesDigest: string;
  receipts: readonly { channel: string; class: string; at: string }[];
}

/** What a statement needs beside the record. */
export interface ReleaseFacts {
  card: ModuleManifest;
  approval: ReleaseApproval;
  /** ISO 8601 UTC. */
  at: string;
}

/** What a verified statement says, as far as loading goes by it. */
export interface Attested {
  /** sha-256 (hex) of the capabilities that were approved. */
  capabilities: string;
  /** Digests of the files by their paths; absent in earlier statements. */
  files?: ReadonlyMap<string, string>;
  /** ISO 8601 UTC. */
  releasedAt?: string;
  publication?: Publication;
}

/**
 * What is said of a release: the bundle and each of its files as subjects, how it came about as provenance, and in our part what was found
 * about it and who approved it.
 * @see https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 */
export const attest = (record: VersionRecord, facts: ReleaseFacts): Statement => ({
  _type: statementType,
  subject: [
    { name: keyOf(record), digest: { sha256: record.digest } },
    ...record.files.map(({ path, sha256 }) => ({ name: path, digest: { sha256 } })),
  ],
  predicateType: provenanceType,
  predicate: {
    buildDefinition: buildDefinition(record, facts.card),
    runDetails: {
      builder: { id: 'https://burgeon.dev/builder', version: { burgeon: ownVersion } },
      metadata: {
        ...(record.run === undefined ? {} : { invocationId: record.run }),
        ...(record.startedAt === undefined ? {} : { startedOn: record.startedAt }),
        finishedOn: record.createdAt,
      },
      byproducts: [
        { name: 'checks', digest: { sha256: digestOf(record.checks) } },
        { name: 'trial', digest: { sha256: digestOf(record.trial) } },
      ],
    },
    [extension]: releasePart(record, facts),
  },
});

const buildDefinition = (record: VersionRecord, { provenance, dependencies }: ModuleManifest): JsonObject => {
  const { kind, location, digest } = provenance.source;
  const { publication } = record;
  return {
    buildType,
    externalParameters: { name: record.id, version: record.version, source: { kind, location } },
    internalParameters: {
      generator: provenance.generator,
      // Which model wrote it and what it was asked, where one did.
      ...(record.authorship === undefined ? {} : { authorship: record.authorship }),
    },
    resolvedDependencies: [
      {
        name: 'source',
        ...(location === '' ? {} : { uri: uriOf(location) }),
        ...(digest === '' ? {} : { digest: { sha256: digest } }),
      },
      ...(publication ? [{ name: 'publication', digest: { sha256: publication.attestation } }] : []),
      ...Object.entries(dependencies).map(([id, range]) => ({ name: id, annotations: { range } })),
    ],
  };
};

/** A resource needs a URI; where a source has only a name, it is one relative to wherever it lay. @see RFC 3986 section 4.2 */
const uriOf = (location: string): string => (/^[a-z][a-z0-9+.-]*:/i.test(location) ? location : encodeURI(location));

const releasePart = (record: VersionRecord, { approval, at, card }: ReleaseFacts): JsonObject => ({
  capabilities: { sha256: record.capabilitiesDigest },
  kind: card.kind,
  host: card.host,
  fingerprint: card.provenance.fingerprint,
  checks: checksIn(record.checks),
  trial: countsIn(record.trial),
  approval: {
    request: approval.request,
    receipts: approval.receipts.map(({ channel, class: kind, at: when }) => ({ channel, class: kind, at: when })),
  },
  releasedAt: at,
  ...(record.publication ? { publication: { ...record.publication } as unknown as JsonObject } : {}),
});

/** Name, verdict and number of findings of each check; the findings themselves are kept with the version, under the digest above. */
const checksIn = (checks: JsonValue): JsonValue[] =>
  (Array.isArray(checks) ? checks : [])
    .filter((check) => isObject(check))
    .map((check) => ({
      name: asText(check['name']),
      ok: check['ok'] === true,
      findings: Array.isArray(check['diagnostics']) ? check['diagnostics'].length : 0,
    }));

const countsIn = (trial: JsonValue): JsonObject => {
  const counts = isObject(trial) ? trial : {};
  return Object.fromEntries(
    (['passed', 'failed', 'skipped'] as const).map((name) => [name, typeof counts[name] === 'number' ? counts[name] : 0]),
  );
};

/** What a statement says of the named version; undefined when it speaks of another, or is of another kind. */
export const attestedIn = ({ predicateType, predicate, subject }: Statement, name: string): Attested | undefined => {
  const [first, ...files] = subject;
  if (first?.name !== name) return undefined;
  if (predicateType === earlierType) return capabilitiesOf(predicate);
  const part = predicate[extension];
  if (predicateType !== provenanceType || !isObject(part)) return undefined;
  const attested = capabilitiesOf(part as JsonObject);
  return (
    attested && {
      ...attested,
      files: new Map(files.map((file) => [file.name, file.digest.sha256])),
      ...(typeof part['releasedAt'] === 'string' ? { releasedAt: part['releasedAt'] } : {}),
      ...(isObject(part['publication']) ? { publication: part['publication'] as unknown as Publication } : {}),
    }
  );
};

const capabilitiesOf = ({ capabilities }: JsonObject): Attested | undefined =>
  isObject(capabilities) && typeof capabilities['sha256'] === 'string' ? { capabilities: capabilities['sha256'] } : undefined;

/** True when the files are the ones that were attested, one by one. */
export const sameFiles = (files: readonly FileDigest[], attested: ReadonlyMap<string, string>): boolean =>
  files.length === attested.size && files.every(({ path, sha256 }) => attested.get(path) === sha256);
