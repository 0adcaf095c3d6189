// For tests alone: runs functions that a test sends, inside the extension host, with the whole API of VS Code. Listens on a
// socket in the test's own folder, which GLOSSATOR_TEST_BRIDGE names; without that it does nothing.
const fs = require("node:fs");
const http = require("node:http");
const vscode = require("vscode");

/** What functions of one test keep between two calls. */
const kept = {};

async function run({ source, args }) {
  const made = new Function("vscode", "kept", `return (${source});`)(vscode, kept);
  return (await made(vscode, ...args)) ?? null;
}

exports.activate = (context) => {
  const path = process.env.GLOSSATOR_TEST_BRIDGE;
  if (!path) return;
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (data) => (body += data));
    request.on("end", () => {
      run(JSON.parse(body))
        .then((result) => ({ result }))
        .catch((error) => ({ error: String(error?.stack ?? error) }))
        .then((answer) => response.end(JSON.stringify(answer)));
    });
  });
  // An extension host that is still ending may hold the name.
  const mine = `${path}.${process.pid}`;
  server.listen(mine, () => fs.renameSync(mine, path));
  context.subscriptions.push({ dispose: () => server.close() });
};
