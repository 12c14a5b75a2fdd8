import type { Interface } from '../interface.ts';
import type { BundleFile } from '../manifest.ts';

/** How to write. */
export interface TargetOptions {
  /** Module id, `namespace/name`. */
  module: string;
  /** Module version the files speak of. */
  version: string;
  /** `stub`: thin typed calls into the runtime; `standalone`: everything needed, no Burgeon at run time. */
  form: 'stub' | 'standalone';
}

/** A writer from the interface. Same interface and options, same bytes. */
export interface Target {
  readonly name: string;
  /** Files to write, paths relative; never outside the folder they are written to. */
  write(description: Interface, options: TargetOptions): Promise<BundleFile[]>;
}
