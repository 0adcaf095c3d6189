// Opens places of the workspace in editors. Paths are as the user knows them: within the workspace, beginning with the
// folder's name where there are several.

import * as vscode from "vscode";

/** The file that a path or URI names; the first that there is, else where it would be in the first folder. */
export async function fileOf(pathOrUri: string): Promise<vscode.Uri | undefined> {
  if (/^file:\/\//.test(pathOrUri)) {
    return vscode.Uri.parse(pathOrUri);
  }
  if (/^([/\\]|[A-Za-z]:[/\\])/.test(pathOrUri)) {
    return vscode.Uri.file(pathOrUri);
  }
  const folders = vscode.workspace.workspaceFolders ?? [];
  const inside = (folder: vscode.WorkspaceFolder, path: string) => vscode.Uri.joinPath(folder.uri, path);
  const [first = "", ...rest] = pathOrUri.split("/");
  const named =
    folders.length > 1 ? folders.filter((folder) => folder.name === first || folder.uri.path.endsWith(`/${first}`)) : [];
  const candidates = [
    ...named.map((folder) => inside(folder, rest.join("/"))),
    ...folders.map((folder) => inside(folder, pathOrUri)),
  ];
  for (const uri of candidates) {
    if (await exists(uri)) {
      return uri;
    }
  }
  return candidates[0];
}

/** Whether there is such a file. */
export async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

/** Opens a file of the workspace, or any other by its URI or absolute path. Rejects with words where there is none. */
export async function openPlace(
  pathOrUri: string,
  range?: vscode.Range,
  options?: vscode.TextDocumentShowOptions,
): Promise<void> {
  const uri = await fileOf(pathOrUri);
  if (!uri || !(await exists(uri))) {
    throw new Error(`There is no file ${pathOrUri} in this workspace.`);
  }
  // Not every file is a text: VS Code knows what to open an image with.
  await vscode.commands.executeCommand("vscode.open", uri, { ...options, ...(range ? { selection: range } : {}) });
}
