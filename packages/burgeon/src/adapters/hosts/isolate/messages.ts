/** What the control plane and a runner say to each other. Everything a runner says is hostile: it is read field by field. */

/** A file of a module, as JavaScript. */
export interface CellFile {
  path: string;
  source: string;
}

/** What a cell is made of. */
export interface CellPlan {
  files: CellFile[];
  entry: string;
  /** Specifier -> kind and exported name, for the capabilities the code may import. */
  capabilities: { specifier: string; kind: string; name: string }[];
  memoryMb: number;
  cpuMs: number;
  resultLength: number;
}

/** To the runner. */
export type Order =
  | { op: 'load'; id: number; cell: string; plan: CellPlan }
  | { op: 'call'; id: number; cell: string; name: string; input: string }
  | { op: 'snapshot'; id: number; cell: string }
  | { op: 'restore'; id: number; cell: string; state: string }
  | { op: 'drop'; id: number; cell: string }
  | { op: 'answer'; id: number; ok: boolean; value: string };

/** Why an order could not be carried out. */
export interface Failure {
  kind: 'thrown' | 'missing' | 'memory' | 'cpu' | 'result' | 'code' | 'gone';
  message: string;
  /** `file:line:column` of the first frame inside the module. */
  place?: string;
  /** Facts an error of the guest carried, as JSON. */
  data?: string;
}

/** From the runner. `value` and `args` are JSON text. */
export type Report =
  | { op: 'done'; id: number; value: string }
  | { op: 'failed'; id: number; failure: Failure }
  | { op: 'host'; id: number; cell: string; kind: string; method: string; args: string }
  | { op: 'log'; cell: string; text: string };
