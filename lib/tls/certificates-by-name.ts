import type { Certificate } from './certificate.js';

/** Which certificates serve which name: one for each type of key, so that every client has one. */
export class CertificatesByName {
  readonly warnings: string[] = [];
  private readonly byName = new Map<string, readonly Certificate[]>();

  constructor(
    private readonly certificates: readonly Certificate[],
    private readonly now = Date.now(),
  ) {
    const own = certificates.filter(({ inherited }) => !inherited);
    const inherited = certificates.filter((each) => each.inherited);
    for (const certificate of own) this.add(certificate);
    // A name that the server has a certificate of its own for is none of the default's.
    const ownNames = new Set(this.byName.keys());
    for (const certificate of inherited) this.add(certificate, ownNames);
  }

  get names(): Iterable<[string, readonly Certificate[]]> {
    return this.byName;
  }

  /** Those that a client is served with: of one name and type of key the others are not. */
  get served(): Certificate[] {
    const [first] = this.certificates;
    const groups = [...this.byName.values(), ...(first ? [this.groupOf(first)] : [])];
    const served = new Set(groups.flat());
    return this.certificates.filter((each) => served.has(each));
  }

  /** Until when it is the choice, in Unix time in ms: then one that waits for its time is valid, too. */
  get until(): number {
    const begins = this.certificates.map(({ notBefore }) => notBefore);
    return Math.min(...begins.filter((begin) => begin > this.now));
  }

  /** Those that serve the names which no certificate has. */
  groupOf(first: Certificate): readonly Certificate[] {
    const [name] = first.names;
    return (name === undefined ? undefined : this.byName.get(name)) ?? [first];
  }

  private add(certificate: Certificate, taken?: ReadonlySet<string>): void {
    for (const name of certificate.names) {
      if (taken?.has(name)) continue;
      const group = this.byName.get(name) ?? [];
      const other = group.find(({ keyType }) => keyType === certificate.keyType);
      if (other === undefined) this.byName.set(name, [...group, certificate]);
      else if (other !== certificate) this.choose(name, group, other, certificate);
    }
  }

  /** The one that ends last, of those that are valid now if there is one. */
  private choose(
    name: string,
    group: readonly Certificate[],
    other: Certificate,
    certificate: Certificate,
  ): void {
    const isBetter = this.rank(certificate) > this.rank(other);
    const [served, left] = isBetter ? [certificate, other] : [other, certificate];
    this.byName.set(name, [...group.filter((each) => each !== other), served]);
    this.warnings.push(
      `${left.path} is not served for '${name}': ${served.path} has the same name and type of key (${served.keyType}) and ends later`,
    );
  }

  private rank({ notBefore, notAfter }: Certificate): number {
    // Far below every valid one.
    return notBefore <= this.now ? notAfter : notAfter - Number.MAX_SAFE_INTEGER;
  }
}
