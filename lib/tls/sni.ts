import type { SecureContext } from 'node:tls';

/**
 * Contexts by server name: exact names before wildcards, and whoever was added first wins, so a
 * server's own certificates go before inherited ones.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6125#section-6.4.3
 */
export class SniContexts {
  private readonly byName = new Map<string, SecureContext>();

  add(names: readonly string[], context: SecureContext): void {
    for (const name of names) {
      const key = name.toLowerCase();
      if (!this.byName.has(key)) this.byName.set(key, context);
    }
  }

  find(servername: string): SecureContext | undefined {
    const name = servername.toLowerCase();
    const dot = name.indexOf('.');
    return this.byName.get(name) ?? (dot > 0 ? this.byName.get(`*${name.slice(dot)}`) : undefined);
  }
}
