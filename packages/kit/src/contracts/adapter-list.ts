/** A family's list: name -> lazy import. The key equals the adapter's own name and its file's name. */
export type AdapterList<A> = Record<string, () => Promise<A>>;
