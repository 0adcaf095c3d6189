// What VS Code and its other language servers know of code, for the agent: diagnostics, definitions, references, symbols.
// Reads only.

import type { ReadDiagnosticsParams, ReadDiagnosticsResult, ReadSymbolsParams, ReadSymbolsResult, SymbolInfo } from "@protocol";
import * as vscode from "vscode";
import { ErrorCodes, type LanguageClient, ResponseError } from "vscode-languageclient/node";

/** Diagnostics of ours are about hunks, not about code. */
const OURS = "glossator";

/** Documents in an answer about diagnostics, and symbols in one about symbols; the server asks for less itself. */
const MOST_DOCUMENTS = 500;
const MOST_SYMBOLS = 1000;

/** How long the other servers may take to look at a document that was not open, and to be done after they have begun. */
const FIRST_LOOK = 2000;
const LAST_LOOK = 150;

/** `glossator/diagnostics/read` */
export async function readDiagnostics(client: LanguageClient, { uri }: ReadDiagnosticsParams): Promise<ReadDiagnosticsResult> {
  const of = uri === undefined ? undefined : vscode.Uri.parse(uri);
  if (of) {
    await lookedAt(of);
  }
  const all = of ? [[of, vscode.languages.getDiagnostics(of)] as const] : vscode.languages.getDiagnostics();
  const versions = new Map(vscode.workspace.textDocuments.map((document) => [document.uri.toString(), document.version]));
  const documents = [];
  for (const [place, found] of all) {
    const foreign = found.filter((one) => one.source !== OURS);
    if (place.scheme === "file" && (foreign.length > 0 || of) && documents.length < MOST_DOCUMENTS) {
      const version = versions.get(place.toString());
      documents.push({
        uri: of ? (uri as string) : client.code2ProtocolConverter.asUri(place),
        ...(version === undefined ? {} : { version }),
        diagnostics: (await client.code2ProtocolConverter.asDiagnostics([...foreign])).map((one) => ({
          ...one,
          message: typeof one.message === "string" ? one.message : one.message.value,
        })),
      });
    }
  }
  return { documents };
}

/** Opens a document, so that other servers look at it; done when they have, or take too long. */
async function lookedAt(uri: vscode.Uri): Promise<void> {
  if (vscode.workspace.textDocuments.some((document) => document.uri.toString() === uri.toString())) {
    return;
  }
  await new Promise<void>((resolve) => {
    let timer = setTimeout(done, FIRST_LOOK);
    const changes = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      if (uris.some((one) => one.toString() === uri.toString())) {
        clearTimeout(timer);
        timer = setTimeout(done, LAST_LOOK);
      }
    });
    function done() {
      clearTimeout(timer);
      changes.dispose();
      resolve();
    }
    vscode.workspace.openTextDocument(uri).then(undefined, done);
  });
}

/** `glossator/symbols/read` */
export async function readSymbols(client: LanguageClient, params: ReadSymbolsParams): Promise<ReadSymbolsResult> {
  const found = await look(client, params);
  return { symbols: found.slice(0, MOST_SYMBOLS), complete: found.length <= MOST_SYMBOLS };
}

async function look(client: LanguageClient, params: ReadSymbolsParams): Promise<SymbolInfo[]> {
  if (params.kind === "workspace") {
    const found = await run<vscode.SymbolInformation>("vscode.executeWorkspaceSymbolProvider", params.query ?? "");
    return found.map((one) => information(client, one));
  }
  if (params.uri === undefined) {
    throw missing("`uri` is missing: these symbols are of a document.");
  }
  const uri = vscode.Uri.parse(params.uri);
  if (params.kind === "document") {
    const found = await run<vscode.DocumentSymbol | vscode.SymbolInformation>("vscode.executeDocumentSymbolProvider", uri);
    return found.flatMap((one) => ("location" in one ? [information(client, one)] : within(client, uri, one)));
  }
  if (!params.position) {
    throw missing("`position` is missing: definitions and references are of a place.");
  }
  const position = new vscode.Position(params.position.line, params.position.character);
  const provider = params.kind === "definition" ? "vscode.executeDefinitionProvider" : "vscode.executeReferenceProvider";
  const found = await run<vscode.Location | vscode.LocationLink>(provider, uri, position);
  return found.map((one) => {
    const [target, range] =
      "targetUri" in one ? [one.targetUri, one.targetSelectionRange ?? one.targetRange] : [one.uri, one.range];
    return { name: "", kind: "", ...place(client, target, range) };
  });
}

function missing(what: string): ResponseError<void> {
  return new ResponseError(ErrorCodes.InvalidParams, what);
}

/** Runs a provider of VS Code's, which loads the document first where it is not open. */
async function run<T>(command: string, ...args: unknown[]): Promise<T[]> {
  return (await vscode.commands.executeCommand<T[] | undefined>(command, ...args)) ?? [];
}

function place(client: LanguageClient, uri: vscode.Uri, range: vscode.Range): Pick<SymbolInfo, "uri" | "range"> {
  return { uri: client.code2ProtocolConverter.asUri(uri), range: client.code2ProtocolConverter.asRange(range) };
}

function kind(of: vscode.SymbolKind): string {
  return (vscode.SymbolKind[of] ?? "").toLowerCase();
}

function information(client: LanguageClient, one: vscode.SymbolInformation): SymbolInfo {
  const container = one.containerName ? { container: one.containerName } : {};
  return { name: one.name, kind: kind(one.kind), ...place(client, one.location.uri, one.location.range), ...container };
}

/** A symbol of a document with all that lies in it. */
function within(client: LanguageClient, uri: vscode.Uri, one: vscode.DocumentSymbol, container?: string): SymbolInfo[] {
  const own = {
    name: one.name,
    kind: kind(one.kind),
    ...place(client, uri, one.range),
    ...(container === undefined ? {} : { container }),
  };
  return [own, ...one.children.flatMap((child) => within(client, uri, child, one.name))];
}
