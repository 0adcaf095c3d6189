// The sessions of the workspace: looked through by words, gone on with, copied, named, put away, deleted.

import type { Session, SessionHit } from "@protocol";
import { useEffect, useRef, useState } from "preact/hooks";
import { useApp } from "../app";
import { ago, bytes, modelName, oneLine, plural } from "../format";
import { plain } from "../shown";
import { useStore } from "../store";
import { Icon } from "./icons";
import { Button, IconButton } from "./parts";

/** Milliseconds of quiet before words are looked for. */
const QUIET = 200;

/** Milliseconds that need no word. */
const UNSEEN = 300;

/** Sessions of one page. */
const PAGE = 50;

interface Found {
  readonly sessions: readonly Session[];
  readonly next?: string;
  /** Where else the words were found: in what was said. */
  readonly hits: readonly SessionHit[];
  readonly notices: readonly string[];
}

const NOTHING: Found = { sessions: [], hits: [], notices: [] };

function Row(props: { readonly session: Session; readonly current: boolean; readonly now: number; readonly changed: () => void }) {
  const { actions, host } = useApp();
  const { session, current, changed } = props;
  const { id, title } = session;
  const name = title === "" ? "New session" : title;
  const act = (work: () => Promise<unknown>): Promise<void> => actions.attempt(work).then(changed);
  const facts = [
    session.running === undefined ? "" : `${session.running} runs`,
    ago(session.updatedAt, props.now),
    session.turns === undefined ? "" : plural(session.turns, "turn"),
    modelName(session.model),
    session.bytes === undefined ? "" : bytes(session.bytes),
    session.workspace ?? "",
  ].filter((fact) => fact !== "");
  return (
    <li class={`session${current ? " current" : ""}`}>
      <button type="button" class="session-main" aria-current={current} onClick={() => void actions.open(id)}>
        <span class="name" dir="auto">
          {session.running !== undefined && <Icon name="running" spin />}
          {session.parent !== undefined && <Icon name="fork" />}
          {plain(oneLine(name, 160))}
        </span>
        {session.lastPrompt !== undefined && session.lastPrompt !== title && (
          <span class="about" dir="auto">
            {plain(oneLine(session.lastPrompt, 160))}
          </span>
        )}
        <span class="faint">{facts.join(" · ")}</span>
      </button>
      <span class="tools">
        <IconButton icon="edit" name={`Rename “${name}”`} onClick={() => actions.rename(id, title).then(changed)} />
        <IconButton icon="fork" name={`Fork “${name}”: go on with a copy`} onClick={() => actions.fork(id)} />
        <IconButton icon="export" name={`Export “${name}”`} onClick={() => actions.task({ type: "export", sessionId: id })} />
        <IconButton
          icon={session.archived === true ? "unarchive" : "archive"}
          name={session.archived === true ? `Bring “${name}” back` : `Archive “${name}”`}
          onClick={() => act(() => host.request("glossator/session/archive", { sessionId: id, archived: session.archived !== true }))}
        />
        <IconButton icon="trash" name={`Delete “${name}”`} onClick={() => act(() => host.task({ type: "delete", sessionId: id, title: name }))} />
      </span>
    </li>
  );
}

/** Sessions by words and place, read as they are wanted. */
function useFound(words: string, archived: boolean) {
  const { host, actions } = useApp();
  const [found, setFound] = useState<Found | null>(null);
  const asked = useRef(0);
  const read = async (before?: string): Promise<void> => {
    asked.current += 1;
    const mine = asked.current;
    const text = words.trim();
    await actions.attempt(async () => {
      const page = { archived, limit: PAGE, ...(text !== "" && { text }), ...(before !== undefined && { before }) };
      const listed = await host.request("glossator/session/list", page);
      const search = text.length < 2 || before !== undefined ? undefined : await host.request("glossator/session/search", { text, limit: 20 }).catch(() => undefined);
      if (mine !== asked.current) return;
      setFound((old) => ({
        sessions: before === undefined || old === null ? listed.sessions : [...old.sessions, ...listed.sessions],
        hits: search?.hits ?? (before === undefined ? [] : (old?.hits ?? [])),
        notices: listed.notices ?? [],
        ...(listed.next !== undefined && { next: listed.next }),
      }));
    });
  };
  useEffect(() => {
    const timer = window.setTimeout(() => void read(), found === null ? 0 : QUIET);
    return () => window.clearTimeout(timer);
  }, [words, archived]);
  return { found, read };
}

/** The page of sessions. */
export function Sessions() {
  const app = useApp();
  const current = useStore(app.session, (state) => state.session?.id);
  const asks = useStore(app.page, (page) => page.around.asks.length);
  const [words, setWords] = useState("");
  const [archived, setArchived] = useState(false);
  const { found, read } = useFound(words, archived);
  const { sessions, hits, notices, next } = found ?? NOTHING;
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => search.current?.focus(), []);
  // A title that is listed already is no other place.
  const listed = new Set(sessions.map(({ id }) => id));
  const elsewhere = hits.filter((hit) => hit.turnId !== "T-0" || !listed.has(hit.sessionId));
  return (
    <section
      class="sessions"
      aria-label="Sessions"
      onKeyDown={(event) => {
        if (event.key === "Escape") app.page.patch({ page: "chat" });
      }}
    >
      <div class="sessions-head">
        <IconButton icon="left" name="Back to the chat" onClick={() => app.page.patch({ page: "chat" })} />
        <label class="search">
          <Icon name="search" />
          <input ref={search} type="text" value={words} placeholder="Search titles and what was said" aria-label="Search sessions" onInput={(event) => setWords(event.currentTarget.value)} />
        </label>
        <IconButton icon="archive" name="Archived sessions" pressed={archived} onClick={() => setArchived(!archived)} />
        <IconButton icon="add" name="New session" onClick={() => app.actions.open(undefined)} />
      </div>
      <div class="sessions-list">
        {asks > 0 && (
          <div class="notice warning">
            <Icon name="ask" />
            <span>{plural(asks, "question")} for you.</span>
            <Button onClick={() => app.page.patch({ page: "chat" })}>Show</Button>
          </div>
        )}
        {notices.map((notice, at) => (
          <div key={at} class="notice warning">
            <Icon name="warning" />
            <span>{plain(oneLine(notice, 400))}</span>
          </div>
        ))}
        <ul>
          {sessions.map((session) => (
            <Row key={session.id} session={session} current={session.id === current} now={Date.now()} changed={() => void read()} />
          ))}
        </ul>
        {next !== undefined && (
          <Button kind="quiet" onClick={() => read(next)}>
            More sessions
          </Button>
        )}
        {found === null && <Looking />}
        {found !== null && sessions.length === 0 && elsewhere.length === 0 && (
          <p class="nothing">{words.trim() !== "" ? "Nothing was found." : archived ? "Nothing is archived." : "There are no sessions in this workspace yet."}</p>
        )}
        {elsewhere.length > 0 && <Hits hits={elsewhere} />}
      </div>
    </section>
  );
}

/** Said where it takes longer than an eye. */
function Looking() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLate(true), UNSEEN);
    return () => window.clearTimeout(timer);
  }, []);
  return late ? (
    <p class="nothing" role="status">
      Looking…
    </p>
  ) : null;
}

function Hits({ hits }: { readonly hits: readonly SessionHit[] }) {
  const { actions } = useApp();
  return (
    <>
      <h2>In what was said</h2>
      <ul>
        {hits.map((hit) => (
          <li key={`${hit.sessionId}/${hit.item}`} class="session">
            <button type="button" class="session-main" onClick={() => void actions.openAt(hit.sessionId, hit.turnId)}>
              <span class="name" dir="auto">
                {plain(oneLine(hit.title, 160))}
              </span>
              <span class="about" dir="auto">
                {plain(oneLine(hit.snippet, 300))}
              </span>
              <span class="faint">
                {hit.turnId} · {hit.kind}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
