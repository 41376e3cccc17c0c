import type { Type } from '@nestjs/common';
import { quote } from '../../config/redact.js';
import type { NestModuleRef } from '../internals/nest.js';
import type { BoundControllers } from './bound-controllers.js';
import type { DeclaredImports } from './declared-imports.js';

/**
 * What to say of controllers that `imports` of `forFeature` bring to the application: who moves an
 * `AdminModule` there expects that only the named server has its routes.
 */
export function controllersOfImports(bound: BoundControllers, imports: DeclaredImports): string[] {
  const { features, modules } = bound;
  const imported = importedWithout(bound, imports);
  const texts: string[] = [];
  for (const [key, { servers }] of features) {
    const feature = modules.get(key);
    const brought = feature
      ? [...reachable([feature], imports)].filter((one) => !imported.has(one))
      : [];
    const names = brought.flatMap((module) => [...bound.ofApplication(module).keys()].map(nameOf));
    if (names.length === 0) continue;
    texts.push(
      `${names.join(', ')}: by \`imports\` of HttpPoolModule.forFeature for ${servers.map(quote).join(', ')}, ` +
        'and so served by the application, on its own server and on all without controllers of their ' +
        'own. To have them served by the named servers alone, give their module in `modules` instead',
    );
  }
  return texts;
}

/** What to say of servers that lack something of the application's adapter. */
export function missingOn(bound: BoundControllers, missing: readonly string[]): string[] {
  if (missing.length === 0) return [];
  const servers = [...bound.servers].filter(
    (server) => !bound.featuresOf(server).some(({ inherit }) => inherit),
  );
  if (servers.length === 0) return [];
  const verb = servers.length === 1 ? 'does' : 'do';
  return [
    `${servers.map(quote).join(', ')} ${verb} not have what the application has: ${missing.join(', ')}. ` +
      'If requests there need it, give `inherit: true` to HttpPoolModule.forFeature, or set it up in `setup`',
  ];
}

/** What to say of a server whose adapter was made without the constructor of its class. */
export function uncalledFor(server: string, adapter: string): string {
  return (
    `The adapter of ${quote(server)} was made without the constructor of ${adapter}, whose arguments nobody knows ` +
    'any more: plugins that it adds to Fastify do not hold there, and its hooks only with `inherit: true`. If ' +
    'requests there need them, add them in `setup` of HttpPoolModule.forFeature'
  );
}

/** What the application imports, were there no features. */
function importedWithout(
  { modules, features }: BoundControllers,
  imports: DeclaredImports,
): ReadonlySet<NestModuleRef> {
  const ofFeatures = new Set([...features.keys()].map((key) => modules.get(key)));
  const targets = new Set([...imports.values()].flat());
  const roots = [...modules.values()].filter((one) => !ofFeatures.has(one) && !targets.has(one));
  return reachable(roots, imports, ofFeatures);
}

function reachable(
  from: Iterable<NestModuleRef>,
  imports: DeclaredImports,
  except: ReadonlySet<NestModuleRef | undefined> = new Set(),
): Set<NestModuleRef> {
  const found = new Set<NestModuleRef>(from);
  for (const module of found) {
    for (const next of imports.get(module) ?? []) if (!except.has(next)) found.add(next);
  }
  return found;
}

function nameOf(controller: unknown): string {
  return (controller as Type).name;
}
