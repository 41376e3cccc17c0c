import { Pool, type ServerOptions } from 'nestjs-http-pool';

/** A value that a cell of docs/configuration.md shows as such: `5 s`, `false`, `'none'`; undefined for words. */
export function literal(cell: string): string | number | boolean | undefined {
  if (cell === 'true' || cell === 'false') return cell === 'true';
  if (/^\d+$/.test(cell)) return Number(cell);
  if (/^\d+ (ms|s|min|h|d)$/.test(cell)) return cell.replace(' min', 'm').replace(' ', '');
  return cell.match(/^`'(.*)'`$/)?.[1];
}

/** Another value of the same kind; whether it is valid is another question. */
export function another(value: string | number | boolean): string | number | boolean {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  return /^\d/.test(value) ? `1h${value}` : `${value}-other`;
}

/** What an object needs, whatever else is set in it. */
const required: Readonly<Record<string, object>> = {
  overload: { eventLoopDelay: '1s' },
  minRequestRate: { bytesPerSecond: 1 },
  minResponseRate: { bytesPerSecond: 1 },
};

/** The options of a server with one field set, by its key path. */
function withField(name: string, value: unknown): ServerOptions {
  const [group = '', field] = name.split('.');
  const inner = (fields: object): object => ({ [group]: { ...required[group], ...fields } });
  const options = field === undefined ? { [group]: value } : inner({ [field]: value });
  return { name: 'a', listen: '127.0.0.1:1', ...options };
}

/**
 * What `apply` would do to a server that does not have the field when it is given this value: `keep`
 * where the value is the default.
 *
 * @throws PoolError for a value that is refused
 */
export async function changeBy(name: string, value: unknown): Promise<string> {
  const pool = new Pool({ handlers: () => ({ default: () => undefined }) });
  const [group = ''] = name.split('.');
  await pool.storeNew(
    name === group ? withField('disabled', false) : withField(group, required[group] ?? {}),
  );
  const { steps } = await pool.apply([withField(name, value)], { dryRun: true });
  return steps[0]!.action;
}
