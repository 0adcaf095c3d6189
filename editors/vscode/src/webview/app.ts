// What the page is made of beside its views: the extension, the session's state, what is written, and how the page stands.

import type { AuthStatusResult, ReadUsageResult } from "@protocol";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Surroundings } from "../chat/messages";
import type { Refusal } from "../chat/refusal";
import type { Actions } from "./actions";
import { NO_DRAFT, type Draft } from "./draft";
import { Drafts } from "./drafts";
import type { Host } from "./host";
import { EMPTY, type State } from "./model";
import { Store } from "./store";

/** What is said above the prompt, with what helps where that is known. */
export interface Message extends Pick<Refusal, "text" | "provider"> {
  readonly level: "info" | "error";
  readonly helps?: Refusal["helps"];
}

/** How the page stands, beside the session itself. */
export interface Page {
  readonly page: "chat" | "sessions";
  readonly around: Surroundings;
  /** A prompt is on its way. */
  readonly sending: boolean;
  /** Older turns are being read. */
  readonly loading: boolean;
  /** What went wrong, or what came of something, until it is put away. */
  readonly message: Message | null;
  readonly usage: ReadUsageResult | null;
  /** Tokens that the model's window holds; 0: not known. */
  readonly window: number;
  readonly auth: AuthStatusResult | null;
  /** The model that a session begins with, where one is set. */
  readonly preset: string;
  /** Counts calls for the cursor to go to the prompt. */
  readonly focus: number;
  /** The turn that is to be seen. */
  readonly wanted: { readonly turnId: string } | null;
}

/** The page before anything is known. */
export const NO_PAGE: Page = {
  page: "chat",
  around: {
    connection: { kind: "starting" },
    roots: [],
    enterSends: true,
    restricted: false,
    mac: false,
    selection: null,
    asks: [],
    sessionId: null,
    changes: 0,
    hunks: 0,
  },
  sending: false,
  loading: false,
  message: null,
  usage: null,
  window: 0,
  auth: null,
  preset: "",
  focus: 0,
  wanted: null,
};

/** Everything that views need. */
export interface App {
  readonly host: Host;
  readonly session: Store<State>;
  readonly page: Store<Page>;
  readonly draft: Store<Draft>;
  readonly drafts: Drafts;
  readonly actions: Actions;
}

/** The page's parts as they are at first. */
export function begin(host: Host): Omit<App, "actions"> {
  const draft = new Store<Draft>(NO_DRAFT);
  return { host, session: new Store<State>(EMPTY), page: new Store<Page>(NO_PAGE), draft, drafts: new Drafts(host, draft) };
}

/** How views get it. */
export const AppContext = createContext<App | undefined>(undefined);

/** The app of the page. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error("a view outside of the page");
  return app;
}
