import { isFunction, listOf } from './option-rules.js';

const inACircle = 'what is imported in a circle is not there yet';

/** Whether providers can be asked for by it. */
export function isToken(value: unknown): boolean {
  return (
    isFunction(value) || typeof value === 'symbol' || (typeof value === 'string' && value !== '')
  );
}

/** A class, or an object of Nest: what is in that is Nest's to tell. */
export function isDeclared(value: unknown): boolean {
  return (
    isFunction(value) || (typeof value === 'object' && value !== null && !Array.isArray(value))
  );
}

/** The rules of what a module declares. */
export const controllers = listOf(isFunction, {
  list: 'a list of controllers',
  entry: `a class; ${inACircle}`,
});

export const modules = listOf(isDeclared, {
  list: 'a list of modules',
  entry: `a module; ${inACircle}`,
});

export const providers = listOf(isDeclared, {
  list: 'a list of providers',
  entry: `a provider; ${inACircle}`,
});

export const exported = listOf((value) => isToken(value) || isDeclared(value), {
  list: 'a list of tokens, providers and modules',
  entry: `a token, a provider or a module; ${inACircle}`,
});
