// Makes glossator-<version>.vsix: `node scripts/package.mjs [--out FILE]`. With GLOSSATOR_BIN=<program> that program is bundled
// and the package is for one platform: this one, or GLOSSATOR_TARGET (`linux-x64`, `darwin-arm64`, `win32-x64`, ...).
// Needs Node 22 or newer, as vsce does.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const bundled = process.env.GLOSSATOR_BIN ? resolve(process.env.GLOSSATOR_BIN) : undefined;
const target = process.env.GLOSSATOR_TARGET ?? `${process.platform}-${process.arch}`;
const at = process.argv.indexOf("--out");
const suffix = bundled ? `-${target}` : "";
const out = at > 0 ? resolve(process.argv[at + 1]) : join(root, `glossator-${manifest.version}${suffix}.vsix`);

/** Folders and files that are packaged as they are. */
const WHOLE = ["dist/extension.js", "dist/webview", "images", "media", "walkthrough", "README.md", "CHANGELOG.md"];

function run(file, ...args) {
  const done = spawnSync(process.execPath, [file, ...args], { cwd: root, stdio: "inherit" });
  if (done.status !== 0) {
    throw new Error(`${file} failed`);
  }
}

/** The licences of the packages that went into the bundles. */
function thirdParty() {
  const names = ["extension", "webview"].flatMap((name) => JSON.parse(readFileSync(join(root, "dist", `${name}.json`), "utf8")));
  const parts = [...new Set(names)].sort().map((name) => {
    const folder = join(root, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = ["LICENSE", "LICENSE.md", "LICENSE.txt", "License.txt", "license"]
      .map((one) => join(folder, one))
      .find(existsSync);
    const text = file ? readFileSync(file, "utf8").trim() : `Licence: ${license}`;
    return `${name} ${version}\n\n${text}\n`;
  });
  return `Glossator's extension for VS Code holds these packages.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

const staged = mkdtempSync(join(tmpdir(), "glossator-vsix-"));
try {
  run(join(root, "scripts/settings.mjs"), "--check");
  rmSync(join(root, "dist"), { recursive: true, force: true });
  run(join(root, "scripts/build.mjs"), "--production");
  for (const name of WHOLE) {
    cpSync(join(root, name), join(staged, name), { recursive: true });
  }
  const { scripts, devDependencies, ...packaged } = manifest;
  writeFileSync(join(staged, "package.json"), `${JSON.stringify(packaged, null, 2)}\n`);
  const licences = ["LICENSE-MIT", "LICENSE-APACHE"].map((name) => readFileSync(join(root, "../..", name), "utf8").trim());
  const head = "Glossator is licensed under either of the MIT licence or the Apache License 2.0, at your option.";
  writeFileSync(join(staged, "LICENSE.txt"), [head, ...licences].join(`\n\n${"-".repeat(80)}\n\n`));
  writeFileSync(join(staged, "THIRD-PARTY.txt"), thirdParty());
  if (bundled) {
    mkdirSync(join(staged, "bin"));
    const program = join(staged, "bin", target.startsWith("win32") ? "glossator.exe" : "glossator");
    copyFileSync(bundled, program);
    chmodSync(program, 0o755);
  }
  // Everything that was staged is packaged.
  writeFileSync(join(staged, ".vscodeignore"), "");
  const vsce = join(root, "node_modules/@vscode/vsce/vsce");
  const options = [
    "--no-dependencies",
    "--allow-missing-repository",
    "--skip-license",
    "--out",
    out,
    ...(bundled ? ["--target", target] : []),
  ];
  const packed = spawnSync(process.execPath, [vsce, "package", ...options], {
    cwd: staged,
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (packed.status !== 0) {
    throw new Error(`vsce failed\n${packed.stdout}`);
  }
  console.log(out);
} finally {
  rmSync(staged, { recursive: true, force: true });
}
