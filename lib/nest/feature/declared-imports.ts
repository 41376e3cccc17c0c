import type { ModulesContainer, NestContainer } from '@nestjs/core';
import { importsDeclaredBy, moduleOf, type NestModuleRef } from '../internals/nest.js';

/** What each module imports. */
export type DeclaredImports = ReadonlyMap<NestModuleRef, readonly NestModuleRef[]>;

/**
 * What modules declare as their imports. Nest's container lists a global module among the imports of every
 * module, whoever imported it.
 *
 * @param modules As they are: the container may show them otherwise
 */
export async function declaredImports(
  container: NestContainer,
  modules: ModulesContainer,
): Promise<DeclaredImports> {
  const found = new Map<NestModuleRef, NestModuleRef[]>();
  for (const module of modules.values()) {
    const entries = importsDeclaredBy(container, module);
    const shown = await Promise.all(entries.map((entry) => moduleOf(container, entry)));
    found.set(
      module,
      shown.flatMap((one) => (one && modules.get(one.token)) ?? []),
    );
  }
  return found;
}
