/** The fields of a DTO class as a plain object type: what is given need not be an instance. */
export type FieldsOf<T extends object> = { [Field in keyof T]: T[Field] };
