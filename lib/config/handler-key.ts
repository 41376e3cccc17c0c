/** The one spelling of a handler's key: `''`, `'default'` and an absent key are one. */
export function handlerKeyOf(key: string | undefined): string {
  return key === undefined || key === 'default' ? '' : key;
}
