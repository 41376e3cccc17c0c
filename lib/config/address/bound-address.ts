/** The real address of a listener. */
export type BoundAddress =
  { readonly host: string; readonly port: number } | { readonly path: string };
