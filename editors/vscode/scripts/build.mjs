// Bundles the extension: `node scripts/build.mjs [extension] [webview] [--production] [--watch]`. Writes dist/extension.js,
// which runs in VS Code's extension host, and dist/webview/main.{js,css}, which run in the page of the chat view. Names what
// each bundled in dist/*.json, for the licences in the package.
import * as esbuild from "esbuild";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const production = process.argv.includes("--production");

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: production,
  sourcemap: production ? false : "linked",
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
};

const all = {
  extension: {
    ...common,
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.js",
    platform: "node",
    target: "node22",
    format: "cjs",
    external: ["vscode"],
    // The language client's other build is meant for loaders that are not used here.
    mainFields: ["module", "main"],
  },
  webview: {
    ...common,
    entryPoints: ["src/webview/main.tsx"],
    outfile: "dist/webview/main.js",
    platform: "browser",
    target: "es2022",
    format: "iife",
  },
};
const named = Object.entries(all).filter(([name]) => process.argv.includes(name));
const targets = named.length > 0 ? named : Object.entries(all);

/** Names of the npm packages that went into a bundle. */
function packages(metafile) {
  const names = Object.keys(metafile.inputs).map(
    (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1],
  );
  return names.filter((name) => name !== undefined);
}

if (process.argv.includes("--watch")) {
  for (const [, target] of targets) {
    await (await esbuild.context(target)).watch();
  }
} else {
  await Promise.all(
    targets.map(async ([name, target]) => {
      const { metafile } = await esbuild.build(target);
      const bundled = [...new Set(packages(metafile))].sort();
      writeFileSync(join(root, "dist", `${name}.json`), `${JSON.stringify(bundled, null, 2)}\n`);
    }),
  );
}
