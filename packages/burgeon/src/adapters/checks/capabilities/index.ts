import {
  type Candidate,
  type Capability,
  type Check,
  type CheckContext,
  type Diagnostic,
  defineCheck,
  manifestExtension,
} from '@burgeon/kit';
import { checkCapability, covers } from '../../../security/capabilities.ts';
import { capabilityOfImport } from '../../../security/capability-imports.ts';
import { inferCapabilities } from '../../../security/infer.ts';
import { isWebAssembly, scriptFiles } from '../../../security/bundle.ts';
import { readImports } from '../../../security/read-imports.ts';
import { readWasmNeeds } from '../../../security/wasm-imports.ts';

const finding = (severity: Diagnostic['severity'], code: string, path: string, message: string): Diagnostic => ({
  severity,
  code,
  message,
  path,
  from: 'capabilities',
});

/** Something that the module needs, and where that was seen. */
interface Need {
  capability: Capability;
  path: string;
}

/** What code imports. A file that must not be parsed gives a finding here too: nothing passes unread. */
const importedNeeds = async (candidate: Candidate, context: CheckContext): Promise<{ needs: Need[]; found: Diagnostic[] }> => {
  const { imports, dynamic, unread } = await readImports(scriptFiles(candidate), context.signal);
  const needs: Need[] = [];
  const found = [
    ...unread.map((path) => finding('error', 'check-killed', path, 'The imports of the code could not be read.')),
    ...dynamic.map(({ file, line }) =>
      finding('error', 'capability-dynamic', `${file}:${line}:1`, 'What is imported here is only known when the code runs.'),
    ),
  ];
  for (const { file, line, specifier, attributes } of imports) {
    const path = `${file}:${line}:1`;
    const capability = capabilityOfImport(specifier, Object.fromEntries(attributes));
    if (!capability) found.push(finding('error', 'capability-unknown', path, `There is no capability "${specifier}".`));
    else {
      needs.push({ capability, path });
      found.push(...checkCapability(capability).map((each) => ({ ...each, path })));
    }
  }
  return { needs, found };
};

/**
 * What a WebAssembly module imports. An import says the kind of power only, so the scope is what the manifest declares; an import that nothing
 * offers is told with its name.
 */
const wasmNeeds = ({ manifest, files }: Candidate): { needs: Need[]; found: Diagnostic[] } => {
  const { entry = '', capabilities: declared } = manifest.extensions[manifestExtension];
  const { powers, refused, fault } = readWasmNeeds(files, entry);
  const kinds = [...new Set(powers.map(({ kind }) => kind))];
  const undeclared = kinds.filter((kind) => !declared.some((each) => each.kind === kind));
  return {
    needs: declared.filter(({ kind }) => kinds.includes(kind)).map((capability) => ({ capability, path: entry })),
    found: [
      ...(fault === undefined ? [] : [finding('error', 'wasm-invalid', entry, `The module cannot be run: ${fault}.`)]),
      ...refused.map((what) => finding('error', 'import-refused', entry, `The module imports ${what}.`)),
      ...undeclared.map((kind) =>
        finding('error', 'capability-undeclared', entry, `The module imports "${kind}", which the manifest does not declare.`),
      ),
    ],
  };
};

const textOf = ({ kind, scope }: Capability): string => `${kind} ${JSON.stringify(scope)}`.slice(0, 400);

/** Whether the language of an entry is one whose imports are read. */
const isRead = (entry = ''): boolean => /\.[cm]?[jt]sx?$/i.test(entry);

const notInferred = (entry = ''): Diagnostic =>
  finding(
    'info',
    'capability-not-inferred',
    entry,
    'What the code needs was not inferred, because its language is not read: the manifest is taken at its word, and the host gives nothing else.',
  );

/** Declared must be at least what is needed; what is declared beyond that is told, because people approve it. */
const run = async (candidate: Candidate, context: CheckContext): Promise<Diagnostic[]> => {
  const card = candidate.manifest.extensions[manifestExtension];
  const at = `/manifest/extensions/${manifestExtension}/capabilities`;
  const malformed = card.capabilities.flatMap((capability, index) =>
    checkCapability(capability).map((each) => ({ ...each, path: `${at}/${index}${each.path}` })),
  );
  const { needs, found } =
    card.kind === 'code'
      ? isWebAssembly(candidate)
        ? wasmNeeds(candidate)
        : await importedNeeds(candidate, context)
      : {
          needs: inferCapabilities(candidate.interface, card.id).map((capability): Need => ({ capability, path: '/interface' })),
          found: [],
        };
  const missing = needs
    .filter(({ capability }) => !covers(card.capabilities, capability))
    .map(({ capability, path }) =>
      finding('error', 'capability-undeclared', path, `The manifest does not declare ${textOf(capability)}.`),
    );
  // What is written in another language is not read: the word of the manifest stands, and the host gives no more.
  if (card.host === 'process' && !isRead(card.entry)) return [...malformed, ...found, ...missing, notInferred(card.entry)];
  const needed = needs.map(({ capability }) => capability);
  const unused = card.capabilities.flatMap((capability, index) =>
    covers(needed, capability) || malformed.length > 0
      ? []
      : [
          finding(
            'warning',
            'capability-unused',
            `${at}/${index}`,
            `The module asks for more than it uses: nothing was found that needs all of ${textOf(capability)}.`,
          ),
        ],
  );
  return [...malformed, ...found, ...missing, ...unused];
};

/** The check of power: declared in the manifest >= inferred from interface or imports. */
export const capabilities: Check = defineCheck({ name: 'capabilities', run });
