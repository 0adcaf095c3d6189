// Where the program is found.

import assert from "node:assert/strict";
import { test } from "node:test";
import { findBinary, type Machine } from "../src/client/binary";

const linux = (files: string[], more: Partial<Machine> = {}): Machine => ({
  configured: "",
  bundled: "/ext/bin",
  environment: { PATH: "/usr/bin:/opt/tools" },
  platform: "linux",
  home: "/users/me",
  isFile: (path) => files.includes(path),
  ...more,
});

function check(machine: Machine, expected: string | RegExp): void {
  const found = findBinary(machine);
  if (typeof expected === "string") {
    assert.deepEqual(found.kind === "found" ? found.command : found.message, expected);
  } else {
    assert.match(found.kind === "missing" ? found.message : `found ${found.command}`, expected);
  }
}

test("the setting, then the extension, then the PATH, then the usual places", () => {
  const everywhere = ["/my/glossator", "/ext/bin/glossator", "/opt/tools/glossator", "/users/me/.cargo/bin/glossator"];
  check(linux(everywhere, { configured: "/my/glossator" }), "/my/glossator");
  check(linux(everywhere), "/ext/bin/glossator");
  check(linux(everywhere.slice(2)), "/opt/tools/glossator");
  check(linux(everywhere.slice(3)), "/users/me/.cargo/bin/glossator");
  check(linux([]), /not found.*glossator\.path/);
});

test("a setting that is wrong is told, not passed over", () => {
  check(linux(["/usr/bin/glossator"], { configured: "/gone/glossator" }), /names \/gone\/glossator/);
  check(linux(["/usr/bin/glossator"], { configured: "bin/glossator" }), /absolute/);
  check(linux(["/users/me/bin/g"], { configured: " ~/bin/g " }), "/users/me/bin/g");
  check(linux(["/users/me/~x"], { configured: "~x" }), /absolute/);
});

test("a folder that depends on where we are started is not looked in", () => {
  const path = { environment: { PATH: ".::bin:./node_modules/.bin:/usr/bin" } };
  const all = ["glossator", "./glossator", "bin/glossator", "node_modules/.bin/glossator", "/usr/bin/glossator"];
  check(linux(all, path), "/usr/bin/glossator");
  check(linux(all.slice(0, -1), path), /not found/);
  check(linux([], { environment: {} }), /not found/);
});

test("on Windows", () => {
  const windows: Partial<Machine> = {
    platform: "win32",
    bundled: "C:\\ext\\bin",
    home: "C:\\Users\\me",
    environment: { Path: "C:\\Windows;D:\\tools" },
  };
  check(linux(["D:\\tools\\glossator.exe"], windows), "D:\\tools\\glossator.exe");
  check(linux(["C:\\ext\\bin\\glossator.exe"], windows), "C:\\ext\\bin\\glossator.exe");
  check(linux(["C:\\Users\\me\\g.exe"], { ...windows, configured: "~\\g.exe" }), "C:\\Users\\me\\g.exe");
});
