/**
 * The settings of a group, frozen; the defaults themselves where nothing else was asked for, so that
 * a thousand servers which leave a group out have one object of it between them.
 */
export function orDefaults<T extends object>(defaults: T, settings: T): Readonly<T> {
  for (const key in settings) {
    if (!Object.is(settings[key], defaults[key])) return Object.freeze(settings);
  }
  return defaults;
}
