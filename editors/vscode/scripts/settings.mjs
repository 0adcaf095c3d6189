// Writes `contributes.configuration` of package.json anew from docs/settings.schema.json: `node scripts/settings.mjs`; with
// `--check` it only compares. So the settings of the editor are those of settings.toml, key by key, below `glossator.`.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = join(root, "package.json");
const schema = join(root, "../../docs/settings.schema.json");

/** Settings of the extension alone; they are not sent to the server (`OWN` in src/settings.ts names them, too). */
const OWN = {
  "glossator.path": {
    type: "string",
    default: "",
    scope: "machine",
    markdownDescription:
      "The `glossator` program to start, as an absolute path (`~` is your home folder) on the machine that the files are on. Empty: the one that comes with the extension, else the first on the `PATH`.",
  },
  "glossator.chat.enterSends": {
    type: "boolean",
    default: true,
    markdownDescription:
      "In the chat, `Enter` sends and `Shift+Enter` begins a new line. Off: `Enter` begins a new line and `Ctrl+Enter` (`Cmd+Enter`) sends.",
  },
  "glossator.trace.server": {
    type: "string",
    enum: ["messages", "verbose"],
    default: "messages",
    markdownDescription:
      "How much of the messages between VS Code and the server is written to the *Glossator* output, as long as its log level is *Trace* (*Developer: Set Log Level…*).",
  },
};

/** How the settings are grouped: by the first part of their keys. What no group names comes last. */
const GROUPS = [
  ["Glossator", ["model", "pack", "policy"]],
  ["Review, Commands, Questions", ["edits", "exec", "ask"]],
  ["Providers, Models, Agents", ["providers", "models", "agents", "packs", "tools", "http"]],
  ["Context and Sessions", ["context", "sessions", "core"]],
  ["Limits", ["turn", "budget", "script"]],
];

/** Keys that only the user's own settings may hold, never those of a workspace; `machine`: each machine has its own. */
const SCOPES = { providers: "application", http: "machine", core: "machine" };

const inOneLine = (text) => text.replaceAll(/\s*\n\s*/g, " ");

/** The schema of one value, with all that it refers to in its place, as VS Code takes it. */
function inlined(node, defs) {
  const { $ref, format, description, oneOf, anyOf, ...rest } = node;
  const made = { ...($ref ? inlined(defs[$ref.slice("#/$defs/".length)], defs) : {}), ...rest };
  if (description) {
    made.markdownDescription = inOneLine(description);
  }
  if (oneOf) {
    made.type = "string";
    made.enum = oneOf.map((one) => one.const);
    made.markdownEnumDescriptions = oneOf.map((one) => inOneLine(one.description ?? ""));
  }
  if (anyOf) {
    made.anyOf = anyOf.map((one) => inlined(one, defs));
  }
  for (const key of ["items", "additionalProperties"]) {
    if (made[key] && typeof made[key] === "object") {
      made[key] = inlined(made[key], defs);
    }
  }
  if (made.properties) {
    const inner = Object.entries(made.properties).map(([name, one]) => [name, inlined(one, defs)]);
    made.properties = Object.fromEntries(inner);
  }
  return made;
}

/** One setting: VS Code has no editor for texts that may be null, so that such a text is empty instead. */
function setting(node) {
  const { default: preset, ...made } = node;
  if (Array.isArray(made.type) && made.type.includes("string")) {
    return { ...made, type: "string", default: "" };
  }
  return made.type === "object" ? { ...made, default: {} } : { ...made, default: preset ?? null };
}

/** Every setting below `prefix`: tables with fixed keys are taken apart. */
function* settings(prefix, properties, defs) {
  for (const [name, node] of Object.entries(properties)) {
    const made = inlined(node, defs);
    const key = `${prefix}.${name}`;
    if (made.type === "object" && made.properties) {
      yield* settings(key, made.properties, defs);
    } else {
      const scope = SCOPES[key.split(".")[1]];
      yield [key, { ...setting(made), ...(scope ? { scope } : {}) }];
    }
  }
}

/** The groups of settings for `contributes.configuration`. */
export function configuration() {
  const { properties, $defs } = JSON.parse(readFileSync(schema, "utf8"));
  const all = [...settings("glossator", properties, $defs)];
  const named = new Set(GROUPS.flatMap(([, keys]) => keys));
  const others = Object.keys(properties).filter((key) => !named.has(key));
  const groups = others.length > 0 ? [...GROUPS, ["Other", others]] : GROUPS;
  return groups.map(([title, keys], order) => ({
    title,
    order,
    properties: {
      ...(order === 0 ? OWN : {}),
      ...Object.fromEntries(all.filter(([key]) => keys.includes(key.split(".")[1]))),
    },
  }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = readFileSync(manifest, "utf8");
  const json = JSON.parse(text);
  json.contributes = { ...json.contributes, configuration: configuration() };
  const made = `${JSON.stringify(json, null, 2)}\n`;
  if (process.argv.includes("--check")) {
    if (made !== text) {
      console.error("package.json does not fit docs/settings.schema.json: node scripts/settings.mjs writes it anew");
      process.exitCode = 1;
    }
  } else {
    writeFileSync(manifest, made);
  }
}
