// What the server shows: messages without links in them, since models may have written a part, and documents only of kinds
// that are safe to open.

import * as vscode from "vscode";
import {
  type LanguageClient,
  type MessageActionItem,
  MessageType,
  ShowMessageNotification,
  ShowMessageRequest,
} from "vscode-languageclient/node";
import { inert } from "../text";

/** Takes the place of what VS Code's client does with messages. */
export function handleMessages(client: LanguageClient): void {
  client.onNotification(ShowMessageNotification.type, ({ type, message }) => void shower(type)(inert(message)));
  client.onRequest(ShowMessageRequest.type, async ({ type, message, actions }) => {
    const chosen = await shower(type)<MessageActionItem>(inert(message), ...(actions ?? []));
    return chosen ?? null;
  });
}

/** The kind of notification for a kind of message. */
function shower(type: MessageType): typeof vscode.window.showInformationMessage {
  switch (type) {
    case MessageType.Error:
      return vscode.window.showErrorMessage;
    case MessageType.Warning:
      return vscode.window.showWarningMessage;
    default:
      return vscode.window.showInformationMessage;
  }
}
