import type { TlsMaterial } from './tls-material.js';

/**
 * The material that some server serves with, or did until a moment ago: what has the same bytes is
 * not parsed again, and its sessions go on over a restart.
 */
const known = new Map<string, WeakRef<TlsMaterial>>();

const gone = new FinalizationRegistry<string>((fingerprint) => {
  if (known.get(fingerprint)?.deref() === undefined) known.delete(fingerprint);
});

export function knownMaterial(fingerprint: string): TlsMaterial | undefined {
  return known.get(fingerprint)?.deref();
}

export function keepMaterial(material: TlsMaterial): TlsMaterial {
  known.set(material.fingerprint, new WeakRef(material));
  gone.register(material, material.fingerprint);
  return material;
}
