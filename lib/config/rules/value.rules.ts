import { listRule, valueRule } from './rule.js';

/** What a text may be, and how an error says it. */
interface TextRule {
  /** What would be right, read after "give". */
  give: string;
  /** Whether it is an error to leave the field out. */
  required?: boolean;
  /** Whether an empty text is right. */
  empty?: boolean;
  /** Whether the value must not be shown. */
  secret?: boolean;
  /** What the text must match. */
  match?: RegExp;
}

/** The range of a whole number, both ends included. */
interface WholeRange {
  min: number;
  max?: number;
  /** Whether it is an error to leave the field out. */
  required?: boolean;
  /** Whether `Infinity` is right too. */
  infinite?: boolean;
}

const isText = ({ empty = false, match }: Partial<TextRule>) => {
  return (value: unknown): boolean =>
    typeof value === 'string' && (empty || value !== '') && (match?.test(value) ?? true);
};

/** A text. */
export function IsText(text: TextRule): PropertyDecorator {
  return valueRule('isText', { ...text, isRight: isText(text) });
}

/** What the texts of a list may be. */
interface TextsRule extends Pick<TextRule, 'match'> {
  /** What each is, as an error says it. */
  of: string;
  /** Whether one text is right too. */
  orOne?: boolean;
}

/** A list of texts, none of them empty. */
export function IsTexts({ of, orOne, match }: TextsRule): PropertyDecorator {
  return listRule('isTexts', {
    orOne,
    give: orOne ? `${of}, one text or a list` : `a list of texts, each ${of}`,
    item: { isRight: isText({ match }), give: of },
  });
}

/** A boolean; `'true'` is not one. */
export function IsFlag(): PropertyDecorator {
  return valueRule('isFlag', {
    isRight: (value) => typeof value === 'boolean',
    give: (value) =>
      value === 'true' || value === 'false' ? `the boolean ${value}` : 'true or false',
  });
}

/** One of a few texts. */
export function IsOneOf(values: readonly string[]): PropertyDecorator {
  const known = new Set<unknown>(values);
  return valueRule('isOneOf', {
    isRight: (value) => known.has(value),
    give: values.map((value) => `'${value}'`).join(' or '),
  });
}

/** A whole number within a range; `'80'` is not one. */
export function IsWhole(range: WholeRange): PropertyDecorator {
  const { min, max = Number.MAX_SAFE_INTEGER, infinite = false } = range;
  const isRight = (value: unknown): boolean =>
    (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) ||
    (infinite && value === Infinity);
  const end = range.max === undefined ? '' : ` to ${max}`;
  return valueRule('isWhole', {
    required: range.required,
    isRight,
    give: (value) => {
      const isNumeric = typeof value === 'string' && /^\d{1,16}$/.test(value);
      return isNumeric && isRight(Number(value))
        ? `the number ${Number(value)}`
        : `a whole number from ${min}${end}`;
    },
  });
}
