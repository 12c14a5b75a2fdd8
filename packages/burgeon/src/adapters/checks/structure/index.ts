import { type Candidate, type Check, type Diagnostic, type Interface, defineCheck, manifestExtension } from '@burgeon/kit';
import interfaceSchema from '@burgeon/kit/schemas/interface.schema.json' with { type: 'json' };
import manifestSchema from '@burgeon/kit/schemas/manifest.schema.json' with { type: 'json' };
import type { AnySchema, ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import semver from 'semver';
import { canonicalJson, pointerToken } from '../../../base/json.ts';
import { bundleDigest, interfacePath, manifestPath } from '../../../security/bundle.ts';
import { capabilitiesDigest } from '../../../security/capabilities.ts';
import { judgeFiles } from './paths.ts';

/** Findings shown of one document. */
const findingLimit = 100;

const finding = (code: string, path: string, message: string, hint?: string): Diagnostic => ({
  severity: 'error',
  code,
  message,
  path,
  from: 'structure',
  ...(hint === undefined ? {} : { hint }),
});

const compiled = new Map<object, ValidateFunction>();

const validatorOf = (schema: AnySchema & object): ValidateFunction => {
  const known =
    compiled.get(schema) ??
    new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);
  compiled.set(schema, known);
  return known;
};

/** Judges a document against its JSON Schema; paths are pointers into the document, after `base`. */
const judgeDocument = (schema: AnySchema & object, document: unknown, code: string, base: string): Diagnostic[] => {
  const validate = validatorOf(schema);
  if (validate(document)) return [];
  const telling = (validate.errors ?? []).filter((error) => error.keyword !== 'if');
  return telling.slice(0, findingLimit).map((error) => finding(code, base + pathOf(error), `${sentence(error)}.`));
};

/** Where the fault is: a property that is missing or too many is named itself. */
const pathOf = ({ instancePath, params }: ErrorObject): string => {
  const property: unknown = params['missingProperty'] ?? params['additionalProperty'];
  return typeof property === 'string' ? `${instancePath}/${pointerToken(property)}` : instancePath;
};

const sentence = ({ keyword, message = 'is not valid', params }: ErrorObject): string => {
  if (keyword === 'required') return 'is missing';
  if (keyword === 'additionalProperties') return 'is not a known property';
  if (keyword === 'const') return `must be ${JSON.stringify(params['allowedValue'])}`;
  if (keyword === 'enum')
    return `must be one of ${(params['allowedValues'] as unknown[]).map((value) => JSON.stringify(value)).join(', ')}`;
  return message;
};

/** What the card says beyond its shape. */
const judgeCard = ({ manifest, files }: Candidate): Diagnostic[] => {
  const card = manifest.extensions[manifestExtension];
  const at = `/manifest/extensions/${manifestExtension}`;
  const found: Diagnostic[] = [];
  if (semver.valid(manifest.version) !== manifest.version)
    found.push(finding('version-invalid', '/manifest/version', `"${manifest.version}" is not a semantic version.`));
  if (card.entry !== undefined && !files.some((file) => file.path === card.entry))
    found.push(finding('entry-missing', `${at}/entry`, `The bundle has no file "${card.entry}".`));
  for (const [id, range] of Object.entries(card.dependencies)) {
    if (semver.validRange(range) === null)
      found.push(finding('range-invalid', `${at}/dependencies/${pointerToken(id)}`, `"${range}" is not a version range.`));
  }
  return found;
};

/** The two documents that lie in the bundle must say what the candidate says. */
const judgeCopies = (candidate: Candidate): Diagnostic[] =>
  [
    { path: manifestPath, value: candidate.manifest as unknown },
    { path: interfacePath, value: candidate.interface as unknown },
  ].flatMap(({ path, value }) => {
    const file = candidate.files.find((each) => each.path === path);
    if (!file) return [finding('file-missing', '/files', `The bundle has no file "${path}".`)];
    try {
      if (canonicalJson(JSON.parse(file.text)) === canonicalJson(value)) return [];
    } catch {
      return [finding('file-invalid', '/files', `"${path}" is not JSON.`)];
    }
    return [finding('file-differs', '/files', `"${path}" does not say what is asked to be approved.`)];
  });

const judgeDigests = (candidate: Candidate): Diagnostic[] => {
  const found: Diagnostic[] = [];
  const hint = 'Generate the module again; what was changed afterwards cannot be approved.';
  if (bundleDigest(candidate.files) !== candidate.digest)
    found.push(finding('digest-differs', '/digest', 'The digest is not that of the files.', hint));
  const card = candidate.manifest.extensions[manifestExtension];
  if (capabilitiesDigest(card.capabilities) !== candidate.capabilitiesDigest)
    found.push(finding('digest-differs', '/capabilitiesDigest', 'The digest is not that of the capabilities.', hint));
  return found;
};

/** What the interface refers to must be there: ids once, auth keys, operations of entities. */
const judgeReferences = (description: Interface): Diagnostic[] => {
  const found: Diagnostic[] = [];
  const ids = new Set<string>();
  const judgeAuth = (auth: Record<string, string[]>[], at: string): void => {
    for (const key of auth.flatMap((each) => Object.keys(each))) {
      if (!Object.hasOwn(description.auth, key)) found.push(finding('auth-missing', at, `There is no auth scheme "${key}".`));
    }
  };
  for (const [index, operation] of description.operations.entries()) {
    const at = `/interface/operations/${index}`;
    if (ids.has(operation.id))
      found.push(finding('operation-duplicate', `${at}/id`, `Two operations are called "${operation.id}".`));
    ids.add(operation.id);
    judgeAuth(operation.auth, `${at}/auth`);
  }
  for (const [index, channel] of description.channels.entries()) judgeAuth(channel.auth, `/interface/channels/${index}/auth`);
  for (const [index, entity] of description.entities.entries()) {
    for (const [role, { operation }] of Object.entries(entity.operations)) {
      const at = `/interface/entities/${index}/operations/${role}`;
      if (!ids.has(operation)) found.push(finding('operation-missing', at, `There is no operation "${operation}".`));
    }
  }
  return found.slice(0, findingLimit);
};

/** The check of form: manifest and interface against their JSON Schemas, paths, sizes, digests, references. */
export const structure: Check = defineCheck({
  name: 'structure',
  run: async (candidate) => {
    const files = judgeFiles(candidate.files);
    const manifest = judgeDocument(manifestSchema, candidate.manifest, 'manifest-invalid', '/manifest');
    const description = judgeDocument(interfaceSchema, candidate.interface, 'interface-invalid', '/interface');
    // What follows reads fields whose shape must be sound first.
    return [
      ...files,
      ...manifest,
      ...description,
      ...(manifest.length > 0 ? [] : [...judgeCard(candidate), ...judgeDigests(candidate)]),
      ...(description.length > 0 ? [] : judgeReferences(candidate.interface)),
      ...judgeCopies(candidate),
    ];
  },
});
