// Reads fields of messages whose shape nobody vouches for: items of newer servers, values of tools. What is not as
// expected is left out, never an error.

/** An object of which nothing is known. */
export type Fields = { readonly [name: string]: unknown };

/** The value as an object; an empty one for anything else. */
export function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The value as a text; empty for anything else. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The value as a number; 0 for anything else. */
export function number(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** The value as a list; empty for anything else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The texts of a list. */
export function texts(value: unknown): readonly string[] {
  return list(value).filter((one): one is string => typeof one === "string");
}

/** The value if it is one of these words, else `otherwise`. */
export function oneOf<T extends string>(value: unknown, words: readonly T[], otherwise: T): T {
  return words.includes(value as T) ? (value as T) : otherwise;
}

/** The object without the fields that are undefined. */
export function present<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}
