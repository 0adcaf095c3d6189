// The list of what may be written at the cursor: files, symbols, sessions, commands. Asked of the server while one writes;
// the answer to an older question is not shown.

import type { PromptItem } from "@protocol";
import { useEffect, useRef, useState } from "preact/hooks";
import { useApp } from "../app";
import { accept, position, wants } from "../completing";
import { plain } from "../shown";
import { oneLine } from "../format";
import { list, text } from "../read";
import { Icon, type IconName } from "./icons";

/** Milliseconds of quiet before the server is asked. */
const QUIET = 60;

/** Milliseconds after which a list that is not all there yet is asked for again: the files of a folder are still being found. */
const AGAIN = [200, 400, 800, 1600, 3200];

/** Items that are shown. */
const MOST = 40;

/** Lines by which Page Up and Page Down move. */
const PAGE = 8;

const ICONS: Readonly<Record<string, IconName>> = {
  file: "file",
  folder: "folder",
  symbol: "symbol",
  buffer: "edit",
  diagnostics: "warning",
  session: "history",
  agent: "agent",
  command: "command",
};

/** What the prompt needs of the list. */
export interface Completion {
  readonly items: readonly PromptItem[];
  readonly chosen: number;
  /** To be called with what is written, and where the cursor is. */
  look(words: string, cursor: number): void;
  close(): void;
  /** Whether the key was for the list. */
  key(event: KeyboardEvent): boolean;
  take(item: PromptItem): void;
}

/** Completion for a prompt whose text and cursor are set by `write`. */
export function useCompletion(read: () => string, write: (text: string, cursor: number) => void): Completion {
  const { host, session } = useApp();
  const [items, setItems] = useState<readonly PromptItem[]>([]);
  const [chosen, setChosen] = useState(0);
  const asked = useRef(0);
  const timer = useRef(0);
  // The items are for what is written now. If not, Enter is for those that are on their way: it is kept for the first of them.
  const fresh = useRef(false);
  const wanted = useRef(false);
  // The list is being walked through: it stays as it is.
  const walked = useRef(false);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  const close = (): void => {
    asked.current += 1;
    wanted.current = false;
    window.clearTimeout(timer.current);
    if (items.length > 0) setItems([]);
  };
  const ask = async (words: string, cursor: number, times = 0): Promise<void> => {
    asked.current += 1;
    const mine = asked.current;
    const sessionId = session.value.session?.id;
    const params = { text: words, position: position(words, cursor), ...(sessionId !== undefined && { sessionId }) };
    const result = await host.request("glossator/prompt/complete", params).catch(() => undefined);
    if (mine !== asked.current || read() !== words || (times > 0 && walked.current)) return;
    const known = (list(result?.items) as PromptItem[]).filter((item) => text(item.label) !== "" && item.range !== undefined);
    const first = wanted.current ? known[0] : undefined;
    fresh.current = true;
    wanted.current = false;
    walked.current = false;
    if (result?.incomplete === true && known.length < MOST && first === undefined && times < AGAIN.length) {
      timer.current = window.setTimeout(() => void ask(words, cursor, times + 1), AGAIN[times]);
    }
    setItems(first === undefined ? known.slice(0, MOST) : []);
    setChosen(0);
    if (first !== undefined) take(first);
  };
  const look = (words: string, cursor: number): void => {
    fresh.current = false;
    wanted.current = false;
    if (!wants(words.slice(0, cursor))) return close();
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => void ask(words, cursor), QUIET);
  };
  const take = (item: PromptItem): void => {
    const next = accept(read(), item);
    write(next.text, next.cursor);
    close();
    if (item.kind === "folder") look(next.text, next.cursor);
  };
  const key = (event: KeyboardEvent): boolean => {
    if (items.length === 0) {
      // A list that is on its way is not wanted either.
      if (event.key === "Escape") close();
      return false;
    }
    const last = items.length - 1;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: chosen === last ? 0 : chosen + 1,
      ArrowUp: chosen === 0 ? last : chosen - 1,
      PageDown: Math.min(last, chosen + PAGE),
      PageUp: Math.max(0, chosen - PAGE),
    };
    const move = moves[event.key];
    if (move !== undefined) {
      walked.current = true;
      setChosen(move);
    } else if (event.key === "Escape") close();
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && items[chosen] !== undefined) {
      if (fresh.current) take(items[chosen]);
      else wanted.current = true;
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  return { items, chosen, look, close, key, take };
}

/** The list itself. */
export function CompletionList({ completion, id }: { readonly completion: Completion; readonly id: string }) {
  const { items, chosen } = completion;
  const shown = useRef<HTMLUListElement>(null);
  useEffect(() => shown.current?.children[chosen]?.scrollIntoView({ block: "nearest" }), [chosen, items]);
  if (items.length === 0) return null;
  return (
    <ul class="completion" role="listbox" id={id} ref={shown} aria-label="Suggestions">
      {items.map((item, at) => (
        <li
          key={at}
          id={`${id}-${at}`}
          role="option"
          aria-selected={at === chosen}
          // The prompt keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => completion.take(item)}
        >
          <Icon name={ICONS[item.kind] ?? "file"} />
          <span class="name">{plain(oneLine(item.label, 160))}</span>
          <span class="about">{plain(oneLine(text(item.detail), 160))}</span>
        </li>
      ))}
    </ul>
  );
}
