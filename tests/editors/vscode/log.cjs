// VS Code's logger in plain JavaScript: its own is a native module, which fetch-vscode.sh does not compile, and without it what
// VS Code and the extensions log is lost. `node --require` loads this before anything of VS Code.
const fs = require("node:fs");
const Module = require("node:module");

const LEVELS = ["trace", "debug", "info", "warn", "error", "critical"];

class Logger {
  level = 2;

  constructor(_kind, _name, path) {
    this.path = path;
  }

  setLevel(level) {
    this.level = level;
  }

  // Each line is in its file when it was logged.
  setPattern() {}
  clearFormatters() {}
  flush() {}
  drop() {}
}
LEVELS.forEach((name, level) => {
  Logger.prototype[name] = function log(text) {
    if (level >= this.level) fs.appendFileSync(this.path, `${new Date().toISOString()} [${name}] ${text}\n`);
  };
});

const load = Module._load;
Module._load = function (request, parent, ...rest) {
  const isLogger = request === "bindings" && /@vscode[/\\]spdlog[/\\]index\.js$/.test(parent?.filename ?? "");
  return isLogger ? () => ({ version: 0, setLevel() {}, setFlushOn() {}, Logger }) : load.call(this, request, parent, ...rest);
};
