// Where the `glossator` program is: the setting, the one that comes with the extension, the PATH, the places where it is
// usually installed. Pure: what the disk holds is asked of `isFile`. Starts nothing.

import { posix, win32 } from "node:path";

/** What is known of the machine. */
export interface Machine {
  /** The setting `glossator.path`. */
  readonly configured: string;
  /** The folder `bin` of the extension. */
  readonly bundled: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** Whether a path is a file that may be executed. */
  isFile(path: string): boolean;
}

/** The program, or why there is none. */
export type Found =
  | { readonly kind: "found"; readonly command: string; readonly from: "setting" | "extension" | "path" }
  | { readonly kind: "missing"; readonly message: string };

/** Looks for the program. */
export function findBinary(machine: Machine): Found {
  const { join } = machine.platform === "win32" ? win32 : posix;
  const name = machine.platform === "win32" ? "glossator.exe" : "glossator";
  const configured = machine.configured.trim();
  if (configured !== "") {
    return fromSetting(configured, machine);
  }
  const bundled = join(machine.bundled, name);
  if (machine.isFile(bundled)) {
    return { kind: "found", command: bundled, from: "extension" };
  }
  const found = folders(machine)
    .map((folder) => join(folder, name))
    .find((path) => machine.isFile(path));
  return found
    ? { kind: "found", command: found, from: "path" }
    : {
        kind: "missing",
        message:
          "The program glossator was not found: it is not on the PATH of this window, and the setting glossator.path names none.",
      };
}

/** What the setting names. It is not passed over in silence when it is wrong. */
function fromSetting(configured: string, machine: Machine): Found {
  const { isAbsolute, join } = machine.platform === "win32" ? win32 : posix;
  const path = /^~(?=$|[/\\])/.test(configured) ? join(machine.home, configured.slice(1)) : configured;
  if (!isAbsolute(path)) {
    return { kind: "missing", message: `The setting glossator.path has to be an absolute path; it is ${configured}.` };
  }
  return machine.isFile(path)
    ? { kind: "found", command: path, from: "setting" }
    : { kind: "missing", message: `The setting glossator.path names ${path}, which is no program that can be started.` };
}

/** Where programs are looked for. Folders that depend on where we are started are left out: a repository could own them. */
function folders(machine: Machine): string[] {
  const { isAbsolute, delimiter, join } = machine.platform === "win32" ? win32 : posix;
  const { environment } = machine;
  const path = (machine.platform === "win32" ? (environment["Path"] ?? environment["PATH"]) : environment["PATH"]) ?? "";
  const usual = [join(machine.home, ".cargo", "bin"), join(machine.home, ".local", "bin")];
  // A window that was not opened from a shell does not know what the shell's profile adds.
  const system = machine.platform === "win32" ? [] : ["/usr/local/bin", "/opt/homebrew/bin"];
  return [...path.split(delimiter).filter((folder) => isAbsolute(folder)), ...usual, ...system];
}
