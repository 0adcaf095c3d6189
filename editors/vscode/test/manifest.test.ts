// The manifest fits the code and the protocol: every command has its code, and every command of the server is there.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const { contributes } = manifest;
const declared: string[] = contributes.commands.map((one: { command: string }) => one.command);
const sources = readdirSync("src/commands").map((name) => readFileSync(`src/commands/${name}`, "utf8"));
const handled = new Set(sources.flatMap((text) => [...text.matchAll(/"(glossator\.[A-Za-z]+)"/g)].map(([, id]) => id)));

test("every command is declared once, and has its code", () => {
  assert.deepEqual(
    declared.filter((id, index) => declared.indexOf(id) !== index),
    [],
  );
  assert.deepEqual(
    declared.filter((id) => !handled.has(id)),
    [],
  );
  assert.deepEqual(
    [...handled].filter(
      (id) => !declared.includes(id as string) && !["glossator.path", "glossator.providers"].includes(id as string),
    ),
    [],
  );
});

test("every command of the server is there", () => {
  const table = readFileSync("../../protocol-ext/src/command.rs", "utf8");
  const server = [...table.matchAll(/= "(glossator\.[A-Za-z]+)";/g)].map(([, id]) => id as string);
  assert.ok(server.length > 30);
  assert.deepEqual(
    server.filter((id) => !declared.includes(id)),
    [],
  );
});

test("menus and keys name commands that there are", () => {
  const named = [...Object.values<{ command?: string }[]>(contributes.menus).flat(), ...contributes.keybindings].map(
    (one: { command?: string }) => one.command,
  );
  assert.deepEqual(
    named.filter((id) => id !== undefined && !declared.includes(id)),
    [],
  );
  const text = JSON.stringify(contributes.walkthroughs);
  assert.deepEqual(
    [...text.matchAll(/command:(glossator\.[A-Za-z]+)/gi)].map(([, id]) => id).filter((id) => !declared.includes(id as string)),
    [],
  );
});

test("no two key bindings are the same, and each begins with our chord", () => {
  const keys: string[] = contributes.keybindings.map((one: { key: string }) => one.key);
  assert.equal(new Set(keys).size, keys.length);
  assert.deepEqual(
    keys.filter((key) => !/^ctrl\+alt\+g /.test(key)),
    [],
  );
  assert.deepEqual(
    contributes.keybindings.filter((one: { when: string }) => !one.when.includes("!terminalFocus")),
    [],
  );
});

test("it runs where the files are, by the program of that machine", () => {
  assert.deepEqual(manifest.extensionKind, ["workspace"]);
  const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  assert.deepEqual([supported, restrictedConfigurations], ["limited", ["glossator.path"]]);
  const properties = Object.assign({}, ...contributes.configuration.map((one: { properties: object }) => one.properties));
  assert.equal(properties["glossator.path"].scope, "machine");
});

test("files that are named are there", () => {
  const media = contributes.walkthroughs.flatMap((one: { steps: { media: { markdown: string } }[] }) =>
    one.steps.map((step) => step.media.markdown),
  );
  for (const path of [...media, manifest.icon, contributes.viewsContainers.activitybar[0].icon]) {
    assert.ok(existsSync(path), path);
  }
});

test("a workspace cannot name programs, providers or the network", () => {
  const all = Object.assign({}, ...contributes.configuration.map((group: { properties: object }) => group.properties));
  const scopes = Object.entries<{ scope?: string }>(all).filter(([key]) =>
    /^glossator\.(path|providers|http\.|core\.)/.test(key),
  );
  assert.ok(scopes.length > 5);
  assert.deepEqual(
    scopes.filter(([, one]) => one.scope !== "machine" && one.scope !== "application"),
    [],
  );
  assert.equal(manifest.capabilities.untrustedWorkspaces.supported, "limited");
});
