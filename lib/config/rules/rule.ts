import { registerDecorator, type ValidationArguments } from 'class-validator';
import { describeValue } from '../redact.js';

/** One fault of a field; `at` is the place within its value, such as `[1]`. */
interface Fault {
  at?: string;
  text: string;
}

/** Finds the faults of a field's value; none means valid. */
type Check = (value: unknown, siblings: object) => readonly Fault[];

/** What a rule of one value needs to tell right from wrong and to say what would be right. */
export interface Expectation {
  /** Whether it is an error to leave the field out. */
  required?: boolean;
  /** Whether the value must not be shown. */
  secret?: boolean;
  /** Tells a right value from a wrong one. */
  isRight: (value: unknown) => boolean;
  /** What would be right, read after "give". */
  give: string | ((value: unknown) => string);
}

/** A rule of one field. */
interface FieldRule {
  readonly property: string;
  readonly name: string;
  readonly check: Check;
  /** Whether it has nothing to say of a field that is left out: so it need not be asked. */
  readonly isOptional: boolean;
}

/** The rules of each class, for who asks them without class-validator. */
const rulesByClass = new Map<object, readonly FieldRule[]>();

/** Whether the values of an object, but for the objects in them, are right by all rules of a class. */
export function obeysRules(type: object, values: object): boolean {
  for (const { property, check, isOptional } of rulesOf(type)) {
    const value = (values as Record<string, unknown>)[property];
    if (value === undefined && isOptional) continue;
    if (check(value, values).length > 0) return false;
  }
  return true;
}

/** The rules of a class, those that it inherits first. */
export function rulesOf(type: object): readonly FieldRule[] {
  const known = rulesByClass.get(type);
  if (known) return known;
  const parent = Object.getPrototypeOf(type) as object | null;
  return parent === null ? [] : rulesOf(parent);
}

/** Gives a class the rules of another one too. */
export function keepRules(type: object, other: object): void {
  rulesByClass.set(type, [...rulesOf(type), ...rulesOf(other)]);
}

/**
 * A class-validator decorator made from a check. Its message has one line per fault, each starting
 * with the field and the place in it, so that the reader of configs can make full key paths of them.
 */
export function rule(
  name: string,
  check: Check,
  { isOptional = false }: { isOptional?: boolean } = {},
): PropertyDecorator {
  return (target, property) => {
    const known = rulesOf(target.constructor);
    const field = { property: String(property), name, check, isOptional };
    rulesByClass.set(target.constructor, [...known, field]);
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown, args?: ValidationArguments) =>
          check(value, args?.object ?? {}).length === 0,
        defaultMessage: (args?: ValidationArguments) =>
          check(args?.value, args?.object ?? {})
            .map(({ at = '', text }) => `${String(property)}${at}: ${text}`)
            .join('\n'),
      },
    });
  };
}

/** A rule for one value; a field left out is right unless it is required. */
export function valueRule(name: string, expectation: Expectation): PropertyDecorator {
  const isOptional = expectation.required !== true;
  const check: Check = (value) =>
    value === undefined && isOptional ? [] : faultsOf(value, expectation);
  return rule(name, check, { isOptional });
}

/** A rule for a list of values, each of which is checked by itself. */
export function listRule(
  name: string,
  options: { item: Expectation; give: string; orOne?: boolean; secret?: boolean },
): PropertyDecorator {
  const { give, secret } = options;
  const whole: Expectation = { isRight: Array.isArray, give, secret };
  const check: Check = (value) => {
    if (value === undefined) return [];
    if (options.orOne && typeof value === 'string') return faultsOf(value, options.item);
    const faults = faultsOf(value, whole);
    if (faults.length > 0 || !Array.isArray(value)) return faults;
    return value.flatMap((item: unknown, index) => faultsOf(item, options.item, `[${index}]`));
  };
  return rule(name, check, { isOptional: true });
}

function faultsOf(value: unknown, expectation: Expectation, at?: string): readonly Fault[] {
  if (expectation.isRight(value)) return [];
  const give = typeof expectation.give === 'string' ? expectation.give : expectation.give(value);
  return [{ at, text: `got ${describeValue(value, expectation)}, give ${give}` }];
}
