/** The twin of `edge_app/records.py`: JSON is either exactly what was promised, or refused. */

/** Makes a typed value of plain JSON, or throws a `RecordError`; `where` names the place. */
export type Reader<Value> = (value: unknown, where: string) => Value;

/** What a reader gives. */
export type Read<Of> = Of extends Reader<infer Value> ? Value : never;

/** JSON that is broken, or not what was promised. */
export class RecordError extends Error {}

export const anyText: Reader<string> = (value, where) =>
  typeof value === 'string' ? value : refuse(where, 'is no text');

/** A text that matches a pattern as a whole. */
export function pattern(expression: RegExp): Reader<string> {
  return (value, where) =>
    typeof value === 'string' && expression.test(value) ? value : refuse(where, 'is no text that is allowed');
}

/** A finite number within limits, both included. */
export function number(low: number, high: number): Reader<number> {
  return (value, where) =>
    typeof value === 'number' && value >= low && value <= high
      ? value
      : refuse(where, `is no number within ${low} to ${high}`);
}

/** A whole number within limits, both included. */
export function integer(low: number, high: number): Reader<number> {
  return (value, where) =>
    Number.isInteger(value) ? number(low, high)(value, where) : refuse(where, 'is no whole number');
}

export function choice<const Choice extends string | number>(...choices: Choice[]): Reader<Choice> {
  return (value, where) =>
    choices.find((each) => each === value) ?? refuse(where, `is none of ${choices.join(', ')}`);
}

export function nullable<Value>(reader: Reader<Value>): Reader<Value | null> {
  return (value, where) => (value === null ? null : reader(value, where));
}

export function list<Value>(reader: Reader<Value>): Reader<Value[]> {
  return (value, where) =>
    Array.isArray(value)
      ? value.map((each, index) => reader(each, `${where}[${index}]`))
      : refuse(where, 'is no list');
}

/** A list of as many values as there are readers, each read by its own. */
export function tuple<Values extends unknown[]>(
  ...readers: { [Index in keyof Values]: Reader<Values[Index]> }
): Reader<Values> {
  return (value, where) =>
    Array.isArray(value) && value.length === readers.length
      ? (readers.map((reader, index) => reader(value[index], `${where}[${index}]`)) as Values)
      : refuse(where, `is no list of ${readers.length}`);
}

/** An object with these fields and no others. */
export function record<Fields extends Record<string, Reader<unknown>>>(
  fields: Fields,
): Reader<{ [Name in keyof Fields]: Read<Fields[Name]> }> {
  return (value, where) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return refuse(where, 'is no object');
    }
    const names = Object.keys(value);
    if (names.length !== Object.keys(fields).length || names.some((name) => !Object.hasOwn(fields, name))) {
      return refuse(where, `has other fields than ${Object.keys(fields).join(', ')}`);
    }
    const found = Object.entries(fields).map(([name, reader]) => [
      name,
      reader((value as Record<string, unknown>)[name], `${where}.${name}`),
    ]);
    return Object.fromEntries(found) as { [Name in keyof Fields]: Read<Fields[Name]> };
  };
}

/** Reads a JSON text, whole. */
export function parse<Value>(json: string, reader: Reader<Value>, name: string): Value {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // No JSON, or nested more deeply than the engine can follow.
    return refuse(name, 'is no JSON');
  }
  return reader(value, name);
}

function refuse(where: string, fault: string): never {
  throw new RecordError(`${where}: ${fault}`);
}
