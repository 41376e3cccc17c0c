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
  return current(known.get(fingerprint));
}

/** Unless it is time to choose anew among its certificates. */
export function current(material: WeakRef<TlsMaterial> | undefined): TlsMaterial | undefined {
  const found = material?.deref();
  return found && Date.now() < found.chosenUntil ? found : undefined;
}

/** @param fingerprint Of what it was made of */
export function keepMaterial(fingerprint: string, material: TlsMaterial): TlsMaterial {
  known.set(fingerprint, new WeakRef(material));
  gone.register(material, fingerprint);
  return material;
}
