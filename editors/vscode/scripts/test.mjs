// Runs the unit tests: `node scripts/test.mjs [part of a path]`. Each `*.test.ts` below src and test is bundled and run by
// Node's own test runner. They never import `vscode`; what does is tested in a real VS Code (tests/editors/vscode.sh).
import { spawnSync } from "node:child_process";
import * as esbuild from "esbuild";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const wanted = process.argv[2] ?? "";
const found = ["src", "test"]
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((path) => join(folder, path)))
  .filter((path) => /\.test\.tsx?$/.test(path) && path.includes(wanted));
if (found.length === 0) {
  console.error(`no test has ${JSON.stringify(wanted)} in its path`);
  process.exit(2);
}

// Inside the folder, so that packages that are not bundled are found.
const out = mkdtempSync(join(root, "node_modules", ".test-"));
try {
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: found,
    outdir: out,
    outbase: ".",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "warning",
    sourcemap: "inline",
  });
  const tests = readdirSync(out, { recursive: true }).filter((path) => path.endsWith(".test.mjs"));
  const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...tests.map((path) => join(out, path))], {
    stdio: "inherit",
    cwd: root,
  });
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
