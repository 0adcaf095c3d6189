// The environment of the server, and so of the commands that the agent runs: that of this window without what VS Code put
// there for its own processes. Pure.

/** Variables of VS Code's own: programs that inherit them take themselves for a part of it. */
const OWN = /^(VSCODE_|ELECTRON_)/;

/** The environment without them. */
export function environment(all: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(all).filter((one): one is [string, string] => one[1] !== undefined && !OWN.test(one[0]));
  return Object.fromEntries(kept);
}
