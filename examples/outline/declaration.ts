/** One declaration. Lines are 1-based and inclusive. */
export interface Declaration {
  name: string;
  kind: 'function' | 'class' | 'interface' | 'type' | 'enum' | 'namespace' | 'constant' | 'variable' | 'method' | 'property';
  /** Where it begins; in Python behind its decorators. */
  line: number;
  endLine: number;
  /** Python: the name is in `__all__`, or there is none and it begins with no underscore. Only at the top of a file. */
  exported: boolean;
  async?: true;
  /** The declaration up to its body, white space folded. */
  signature: string;
  /** First line of a Python docstring. */
  summary?: string;
  /** Python only. */
  decorators?: { text: string; line: number }[];
  children: Declaration[];
}

/** One import or re-export. */
export interface Import {
  /** As it is written, in Python with the dots of a relative one. */
  specifier: string;
  line: number;
  kind: 'import' | 'export' | 'dynamic';
  /** True for `import type`; in Python for what stands below `if TYPE_CHECKING`. */
  typeOnly: boolean;
  /** Python: the name under which the module is known (`import a.b as c`). */
  as?: string;
  /** Python: what is taken out of the module (`from a import b as c`); `*` is everything. */
  names?: { name: string; as?: string }[];
}

/** What a source text declares, in its order. */
export interface Outline {
  /** First line of the docstring of a Python file. */
  summary?: string;
  declarations: Declaration[];
}

/** Folders in folders of declarations that are shown. */
export const deepest = 16;

const longestSignature = 160;

/** Code on one line, and not a long one. */
export const signatureOf = (code: string): string => {
  const folded = code.replace(/\s+/g, ' ').replace(/[;,]$/, '').trim();
  return folded.length > longestSignature ? `${folded.slice(0, longestSignature - 3)}...` : folded;
};

/** Length of code from which a signature can be made whole. */
export const signatureSource: number = 4 * longestSignature;
