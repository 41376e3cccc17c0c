import { Inject } from '@nestjs/common';

/**
 * Nest must know a provider before the options of `forRootAsync` are there, so the module declares
 * one for each name that somebody asked for.
 */
const askedFor = new Set<string>();

/** Every name that a token was made for in this process. @internal */
export function namesAskedFor(): string[] {
  return [...askedFor];
}

/**
 * The injection token of a server, for `inject` lists, `app.get()` and `overrideProvider()`.
 *
 * @param name The name of the server, as in its config.
 */
export function getServerToken(name: string): string {
  askedFor.add(name);
  return serverToken(name);
}

/** The token alone, for what is not a wish to inject it. @internal */
export function serverToken(name: string): string {
  return `HttpPoolServer_${name}`;
}

/**
 * Injects the server of that name. A name that is not configured fails the creation of the
 * application with an error that lists those that are.
 *
 * @example
 * constructor(@InjectServer('admin') private readonly admin: PooledServer) {}
 */
export function InjectServer(name: string): ParameterDecorator & PropertyDecorator {
  return Inject(getServerToken(name));
}
