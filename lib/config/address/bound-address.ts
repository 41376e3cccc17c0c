/** Of a listener on TCP. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** The real address of a listener. */
export type BoundAddress = HostAndPort | { readonly path: string };
