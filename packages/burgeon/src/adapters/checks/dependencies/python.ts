import type { BundleFile } from '@burgeon/kit';
import { packageName } from '../../../security/advisories/affects.ts';
import { comparePython } from '../../../security/advisories/pep440.ts';
import { type Declarations, type Declared, type DeclaredFault, isVendored } from './declared.ts';

const requirementsName = /(?:^|\/)requirements(?:[-_.][\w.-]*)?\.txt$/;
const forTests = /(?:dev|test|doc|lint)/i;
const otherFiles = /(?:^|\/)(?:Pipfile(?:\.lock)?|poetry\.lock|uv\.lock|pdm\.lock|environment\.ya?ml)$/;

/** What the files of Python's packages in a bundle say. */
export const pythonDeclarations = (files: readonly BundleFile[]): Declarations => {
  const own = files.filter(({ path }) => !isVendored(path));
  const said = own.flatMap((file) => {
    if (requirementsName.test(file.path)) return forTests.test(file.path.split('/').at(-1) ?? '') ? [] : [requirementsIn(file)];
    return /(?:^|\/)pyproject\.toml$/.test(file.path) ? [projectIn(file)] : [];
  });
  const needed = said.flatMap((each) => each.needed);
  // The project names what the list of requirements binds to bytes.
  const bound = new Set(needed.filter(({ integrity }) => integrity).map(({ name }) => name));
  return {
    needed: needed.filter(({ name, integrity }) => integrity || !bound.has(name)),
    vendored: files.flatMap(vendoredIn),
    faults: [...said.flatMap((each) => each.faults), ...own.flatMap(fileFaults)],
  };
};

const fileFaults = ({ path }: BundleFile): DeclaredFault[] => {
  if (/(?:^|\/)setup\.py$/.test(path))
    return [{ code: 'install-script', at: `${path}:1:1`, message: `${path} is a script that runs when it is installed.` }];
  if (!otherFiles.test(path)) return [];
  return [
    { code: 'dependency-unread', at: `${path}:1:1`, message: `${path} is not read; requirements.txt and pyproject.toml are.` },
  ];
};

/** @see https://pip.pypa.io/en/stable/reference/requirements-file-format/ */
const requirementsIn = ({ path, text }: BundleFile): Pick<Declarations, 'needed' | 'faults'> => {
  const found: Pick<Declarations, 'needed' | 'faults'> = { needed: [], faults: [] };
  let line = 0;
  let whole = '';
  let begun = 1;
  for (const part of text.split(/\r?\n/)) {
    line += 1;
    if (whole === '') begun = line;
    whole += part.replace(/\\$/, ' ');
    if (part.endsWith('\\')) continue;
    takeRequirement(found, whole.replace(/(?:^|\s)#.*$/, '').trim(), `${path}:${begun}:1`);
    whole = '';
  }
  return found;
};

/** Lines that only say how to install. */
const harmless = /^--(?:require-hashes|only-binary|no-binary|prefer-binary|no-index)\b/;

const takeRequirement = (found: Pick<Declarations, 'needed' | 'faults'>, line: string, at: string): void => {
  if (line === '' || harmless.test(line)) return;
  const shown = `"${line.slice(0, 120)}"`;
  if (line.startsWith('-') || /^[^;]*(?:@\s*\S*:|:\/\/|^\.{0,2}\/)/.test(line)) {
    found.faults.push({
      code: 'dependency-foreign',
      at,
      message: `${shown} takes something from elsewhere than a list of packages.`,
    });
    return;
  }
  const hashes = /--hash[= ]sha(?:256|384|512):[0-9a-f]{64,128}\b/.test(line);
  takeNamed(found, line.split(/\s--/)[0] ?? '', { at, integrity: hashes });
};

/** `name[extra] == 1.0 ; marker`. @see https://packaging.python.org/specifications/dependency-specifiers/ */
const takeNamed = (
  found: Pick<Declarations, 'needed' | 'faults'>,
  text: string,
  { at, integrity }: Pick<Declared, 'at' | 'integrity'>,
): void => {
  const [specifier = ''] = text.split(';');
  const [, name = '', wanted = ''] =
    /^\s*([A-Za-z0-9][\w.-]{0,200})\s*(?:\[[^\]]{0,200}\])?\s*\(?([^)]{0,300})\)?\s*$/.exec(specifier) ?? [];
  if (name === '') {
    found.faults.push({ code: 'dependency-unread', at, message: `"${text.slice(0, 120)}" is no requirement.` });
    return;
  }
  const version = /^===?\s*([^\s,*]{1,100})$/.exec(wanted.trim())?.[1];
  const exact = version !== undefined && comparePython(version, version) === 0 ? version : undefined;
  if (exact === undefined)
    found.faults.push({ code: 'dependency-range', at, message: `"${specifier.trim().slice(0, 120)}" is not one version.` });
  found.needed.push({ ecosystem: 'PyPI', name: packageName('PyPI', name), version: exact, at, integrity });
};

/** The dependencies of a project: a list of texts under `[project]`, or a table of Poetry's. Only as much TOML as that takes. */
const projectIn = ({ path, text }: BundleFile): Pick<Declarations, 'needed' | 'faults'> => {
  const found: Pick<Declarations, 'needed' | 'faults'> = { needed: [], faults: [] };
  let table = '';
  let inList = false;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const at = `${path}:${index + 1}:1`;
    const line = raw.replace(/^((?:[^"'#]|"[^"]*"|'[^']*')*)#.*$/, '$1').trim();
    const header = /^\[+\s*([^\]]+?)\s*\]+$/.exec(line)?.[1];
    if (header !== undefined && !inList) table = header;
    else if (table === 'project' && (inList || /^dependencies\s*=\s*\[/.test(line))) {
      const items = [...line.replace(/^dependencies\s*=/, '').matchAll(/"([^"]*)"|'([^']*)'/g)].map(([, a, b]) => a ?? b ?? '');
      for (const item of items) takeRequirement(found, item, at);
      inList = !/\]\s*,?$/.test(line.replaceAll(/"[^"]*"|'[^']*'/g, ''));
    } else if (table === 'tool.poetry.dependencies') takePoetry(found, line, at);
  }
  return found;
};

const takePoetry = (found: Pick<Declarations, 'needed' | 'faults'>, line: string, at: string): void => {
  const [, name = '', value = ''] = /^["']?([A-Za-z0-9][\w.-]*)["']?\s*=\s*(.+)$/.exec(line) ?? [];
  if (name === '' || name === 'python') return;
  if (/\b(?:git|url|path|file)\s*=/.test(value)) {
    found.faults.push({ code: 'dependency-foreign', at, message: `"${name}" comes from elsewhere than a list of packages.` });
    return;
  }
  const wanted = /"([^"]*)"/.exec(value)?.[1] ?? '';
  takeNamed(found, `${name}${/^\d/.test(wanted) ? `==${wanted}` : ` ${wanted}`}`, { at, integrity: false });
};

/** A package that lies in the bundle: `vendor/NAME/...` or `vendor/NAME.py`; its version, when a folder of metadata is there. */
const vendoredIn = ({ path }: BundleFile): Declarations['vendored'] => {
  const at = `${path}:1:1`;
  const [, distribution, version] = /(?:^|\/)(?:vendor|site-packages)\/([\w.]+)-([^/]+)\.dist-info\/METADATA$/.exec(path) ?? [];
  if (distribution !== undefined && version !== undefined) return [{ name: packageName('PyPI', distribution), version, at }];
  const [, name] =
    /(?:^|\/)(?:vendor|site-packages)\/(?:([\w.]+)\/__init__\.py|([\w]+)\.py)$/
      .exec(path)
      ?.filter((each) => each !== undefined) ?? [];
  return name === undefined ? [] : [{ name: packageName('PyPI', name), at }];
};
