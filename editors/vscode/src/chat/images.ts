// Keeps the images of prompts that were not sent for the time after the page and after the window: in a file of the
// workspace's storage of this extension, since VS Code's memory is not made for megabytes.

import * as vscode from "vscode";
import type { DraftImage, KeptImages } from "./messages";

/** Characters of all images together; of more the oldest drafts lose theirs. */
const CAP = 32 * 1024 * 1024;

/** The images of all drafts. */
export class KeptDraftImages {
  private kept: Promise<KeptImages> | undefined;
  /** Writes happen one behind the other. */
  private written: Promise<unknown> = Promise.resolve();

  /** `folder`: where they are kept; without it only as long as the window is open. */
  constructor(private readonly folder: vscode.Uri | undefined) {}

  /** All of them. */
  read(): Promise<KeptImages> {
    return (this.kept ??= this.load());
  }

  /** Keeps those of one session in place of what was kept of it; none: nothing of it is kept any more. */
  async keep(session: string, images: readonly DraftImage[]): Promise<void> {
    const rest = Object.entries(await this.read()).filter(([id]) => id !== session);
    const next = cut(images.length > 0 ? [...rest, [session, images] as const] : rest);
    this.kept = Promise.resolve(next);
    this.written = this.written.then(() => this.store(next));
    await this.written;
  }

  private get file(): vscode.Uri | undefined {
    return this.folder && vscode.Uri.joinPath(this.folder, "draft-images.json");
  }

  private async load(): Promise<KeptImages> {
    if (this.file === undefined) return {};
    try {
      const all: unknown = JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(this.file)));
      // The page looks at each of them itself.
      return typeof all === "object" && all !== null && !Array.isArray(all) ? (all as KeptImages) : {};
    } catch {
      return {};
    }
  }

  /** What cannot be stored is kept as long as the window is open. */
  private async store(all: KeptImages): Promise<void> {
    if (this.file === undefined || this.folder === undefined) return;
    try {
      await vscode.workspace.fs.createDirectory(this.folder);
      await vscode.workspace.fs.writeFile(this.file, new TextEncoder().encode(JSON.stringify(all)));
    } catch {
      return;
    }
  }
}

/** The newest of them that fit, newest last. */
function cut(all: readonly (readonly [string, readonly DraftImage[]])[]): KeptImages {
  let room = CAP;
  const fitting = all.toReversed().filter(([, images]) => {
    room -= Array.isArray(images) ? images.reduce((sum, { data }) => sum + (typeof data === "string" ? data.length : 0), 0) : 0;
    return room >= 0;
  });
  return Object.fromEntries(fitting.reverse());
}
