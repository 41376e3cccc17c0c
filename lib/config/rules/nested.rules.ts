import 'reflect-metadata';
import { Type } from 'class-transformer';
import { Allow, getMetadataStorage, ValidateIf, ValidateNested } from 'class-validator';
import { isRecord } from '../record.js';
import { listRule, valueRule, type Expectation } from './rule.js';

/** A class that is made without arguments. */
export type Class = new () => object;

/** What stands in a field: a plain value, an object or list of objects of a class, or anything. */
export interface FieldShape {
  kind: 'value' | 'object' | 'list' | 'data';
  type?: () => Class;
  /** Whether a value must never be shown; undefined: none is secret. */
  secret?: (value: unknown) => boolean;
}

const SHAPE = Symbol('nestjs-http-pool:field-shape');

/** An object whose fields are those of a class, or what `or` says is right too. */
export function IsNested(
  type: () => Class,
  { give, or, secret }: Pick<Expectation, 'give' | 'secret'> & { or?: (value: unknown) => boolean },
): PropertyDecorator {
  const isRight = (value: unknown): boolean => isRecord(value) || or?.(value) === true;
  return all(
    Reflect.metadata(SHAPE, { kind: 'object', type } satisfies FieldShape),
    Type(type),
    ValidateNested(),
    ...(or ? [ValidateIf((_, value) => !or(value))] : []),
    valueRule('isNested', { isRight, give, secret }),
  );
}

/** What an object of a class looks like, for errors. */
export function objectOf(type: Class): string {
  return `an object { ${[...fieldsOf(type).keys()].join(', ')} }`;
}

/** A list of objects whose fields are those of a class. */
export function IsNestedList(
  type: () => Class,
  { give, item, secret }: { give: string; item: string; secret?: boolean },
): PropertyDecorator {
  return all(
    Reflect.metadata(SHAPE, { kind: 'list', type } satisfies FieldShape),
    Type(type),
    ValidateNested({ each: true }),
    listRule('isNestedList', { give, secret, item: { isRight: isRecord, give: item, secret } }),
  );
}

/** What must never be shown: copies of a config keep it where no output reaches it. */
export function IsSecret(secret: (value: unknown) => boolean = () => true): PropertyDecorator {
  return Reflect.metadata(SHAPE, { kind: 'value', secret } satisfies FieldShape);
}

/** Anything at all. */
export function IsAnything(): PropertyDecorator {
  return all(Reflect.metadata(SHAPE, { kind: 'data' } satisfies FieldShape), Allow());
}

/** The shape of a decorated field. */
function shapeOf(type: Class, field: string): FieldShape {
  const shape: unknown = Reflect.getMetadata(SHAPE, type.prototype as object, field);
  return (shape as FieldShape | undefined) ?? { kind: 'value' };
}

function all(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, property) => {
    for (const decorate of decorators) decorate(target, property);
  };
}

/** The fields of a class and what stands in each, in the order of their declaration. */
type Fields = ReadonlyMap<string, FieldShape>;

const cache = new WeakMap<Class, Fields>();

/** The decorated fields of a class: the keys that its configs may have. */
export function fieldsOf(type: Class): Fields {
  const known = cache.get(type);
  if (known) return known;
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const names = new Set(rules.map((metadata) => metadata.propertyName));
  const fields = new Map([...names].map((name) => [name, shapeOf(type, name)]));
  cache.set(type, fields);
  return fields;
}

const listCache = new WeakMap<Class, readonly (readonly [string, FieldShape])[]>();

/** The same as a list, which a walk through costs no object for each field. */
export function fieldListOf(type: Class): readonly (readonly [string, FieldShape])[] {
  const known = listCache.get(type);
  if (known) return known;
  const fields = [...fieldsOf(type)];
  listCache.set(type, fields);
  return fields;
}
