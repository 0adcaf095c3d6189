// Dotted keys to nested tables. Pure.

/** `[["a.b", 1]]` to `{ a: { b: 1 } }`; of two values of one key the later counts. */
export function nested(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const all = table();
  for (const [key, value] of entries) {
    const parts = key.split(".");
    const last = parts.pop() ?? key;
    let at = all;
    for (const part of parts) {
      const inner = at[part];
      at = at[part] = typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : table();
    }
    at[last] = value;
  }
  return all;
}

/** A table that has nothing but its own keys: `__proto__` is a key like any other. */
function table(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}
