import { inspect } from 'node:util';
import { fieldsOf, type Class } from '../rules/nested.rules.js';

/** Where the secrets of a copy are: no property of it, so that no output of any kind reaches them. */
const secretsOf = new WeakMap<object, Record<string, unknown>>();

const prototypes = new WeakMap<Class, object>();

/** An instance of a class, made without its constructor, whose secret fields can be sealed. */
export function createSealed(type: Class): Record<string, unknown> {
  return Object.create(prototypeOf(type)) as Record<string, unknown>;
}

/** Sets a secret field: it reads as any other, and `JSON.stringify` and `util.inspect` see none. */
export function seal(copy: object, key: string, value: unknown): void {
  const secrets = secretsOf.get(copy) ?? {};
  secrets[key] = value;
  secretsOf.set(copy, secrets);
}

/** Sets a field that could be sealed, and whose value is no secret. */
export function show(copy: object, key: string, value: unknown): void {
  // An assignment would meet the accessor.
  Object.defineProperty(copy, key, { value, enumerable: true });
}

/** The keys of a copy whose values are sealed. */
export function sealedKeysOf(copy: object): readonly string[] {
  const secrets = secretsOf.get(copy);
  return secrets === undefined ? [] : Object.keys(secrets);
}

function prototypeOf(type: Class): object {
  const known = prototypes.get(type);
  if (known) return known;
  const own = type.prototype as object;
  const secret = [...fieldsOf(type)].filter(([, shape]) => shape.secret);
  const accessors = secret.map(([key]): [string, PropertyDescriptor] => [
    key,
    {
      get(this: object) {
        return secretsOf.get(this)?.[key];
      },
    },
  ]);
  const shown = {
    // With `getters` and `showHidden` it would call the accessors.
    value(this: object) {
      return Object.assign(Object.create(own) as object, this);
    },
  };
  const members = { ...Object.fromEntries(accessors), [inspect.custom]: shown };
  const prototype = secret.length === 0 ? own : beyondSight(Object.create(own, members) as object);
  prototypes.set(type, prototype);
  return prototype;
}

/** So many prototypes `util.inspect` shows with `showHidden`, and it calls their accessors with `getters`. */
const layersShown = 3;

function beyondSight(prototype: object): object {
  let layer = prototype;
  for (let count = 0; count < layersShown; count += 1) layer = Object.create(layer) as object;
  return layer;
}
