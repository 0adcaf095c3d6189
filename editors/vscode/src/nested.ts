// Dotted keys to nested tables, and what of a value is set. Pure.

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

/**
 * A value without what is empty in it, however deep; undefined where nothing is left. VS Code's settings editor leaves empty
 * texts and tables behind where something was taken out, and they would count as said.
 */
export function filled(value: unknown): unknown {
  if (value === undefined || value === null || value === "") {
    return undefined;
  }
  // An empty list says something: none of them.
  if (typeof value !== "object" || Array.isArray(value)) {
    return value;
  }
  const inner = Object.entries(value).flatMap(([key, one]) => {
    const said = filled(one);
    return said === undefined ? [] : [[key, said] as const];
  });
  return inner.length === 0 ? undefined : Object.fromEntries(inner);
}
