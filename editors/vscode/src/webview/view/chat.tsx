// The page as a whole: the session's head, its transcript or what to begin with, and the dock with the prompt.

import { useEffect, useState } from "preact/hooks";
import type { Session } from "@protocol";
import { HELPS } from "../../chat/refusal";
import { useApp } from "../app";
import { ago, oneLine } from "../format";
import { plain } from "../shown";
import { useStore } from "../store";
import { Asks } from "./asks";
import { UsageLine } from "./choices";
import { Composer } from "./composer";
import { ConnectionBar, LeftBar, MessageBar, PlanBar, Queue, ReadOnlyBar, RestrictedBar, Tasks } from "./dock";
import { Icon } from "./icons";
import { Button, IconButton } from "./parts";
import { Sessions } from "./sessions";
import { Transcript } from "./transcript";

/** Sessions that are offered to begin with. */
const RECENT = 5;

function Head() {
  const app = useApp();
  const session = useStore(app.session, (state) => state.session);
  const begun = useStore(app.session, (state) => state.turns.length > 0);
  const title = session?.title ?? "";
  const rename = (): void => void (session !== undefined && app.actions.rename(session.id, title));
  return (
    <header class="head">
      {session !== undefined && begun ? (
        <button type="button" class="title" title={`${title}\nClick to rename`} onClick={rename} dir="auto">
          {plain(oneLine(title, 200)) || "New session"}
        </button>
      ) : (
        <span class="title">New session</span>
      )}
      <span class="tools">
        <IconButton icon="history" name="Sessions" onClick={() => app.page.patch({ page: "sessions" })} />
        <IconButton icon="add" name="New session" disabled={!begun} onClick={() => app.actions.open(undefined)} />
      </span>
    </header>
  );
}

function useRecent(): readonly Session[] {
  const app = useApp();
  const connected = useStore(app.page, (page) => page.around.connection.kind === "ready");
  const current = useStore(app.session, (state) => state.session?.id);
  const [recent, setRecent] = useState<readonly Session[]>([]);
  useEffect(() => {
    if (!connected) return;
    void app.host
      .request("glossator/session/list", { limit: RECENT + 1 })
      .then(({ sessions }) => setRecent(sessions))
      .catch(() => undefined);
  }, [connected, current]);
  return recent.filter(({ id, turns }) => id !== current && turns !== 0).slice(0, RECENT);
}

/** What is seen before the first turn. */
function Welcome() {
  const app = useApp();
  const auth = useStore(app.page, (page) => page.auth);
  const recent = useRecent();
  return (
    <div class="welcome">
      <svg class="mark" viewBox="0 0 48 48" aria-hidden="true">
        <path d="M10 6h28v36H10z M16 14h12 M16 20h12 M16 26h8" />
        <path class="gloss" d="M34 14v12l-4 4" />
      </svg>
      <h1>What shall be done?</h1>
      <p>Glossator reads what is in your editor, also what is not saved. Its edits wait for your word, hunk by hunk.</p>
      {auth?.ready === false && (
        <div class="card">
          <p>{auth.providers.some(({ ready }) => ready) ? "No model is chosen yet." : "No model yet: sign in to a provider, use a local Ollama, or see the demo."}</p>
          <div class="buttons">
            <Button icon="key" kind="primary" onClick={() => app.actions.help("signIn")}>
              {HELPS.signIn}
            </Button>
            <Button icon="model" onClick={() => app.actions.help("model")}>
              {HELPS.model}
            </Button>
            <Button kind="quiet" onClick={() => app.actions.command("glossator.demo")}>
              Run Demo
            </Button>
          </div>
        </div>
      )}
      {recent.length > 0 && (
        <section class="recent" aria-label="Recent sessions">
          <h2>Recent sessions</h2>
          <ul>
            {recent.map((session) => (
              <li key={session.id}>
                <button type="button" onClick={() => void app.actions.open(session.id)}>
                  <span class="name" dir="auto">
                    {session.running !== undefined && <Icon name="running" spin />}
                    {plain(oneLine(session.title, 120)) || "New session"}
                  </span>
                  <span class="faint">{ago(session.updatedAt, Date.now())}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** Says changes of state to screen readers, and nothing else. */
function Announcer() {
  const app = useApp();
  const said = useStore(app.session, (state) => state.said);
  return (
    <div class="sr" role="status" aria-live="polite">
      <span key={said.count}>{plain(oneLine(said.text, 300))}</span>
    </div>
  );
}

/** The page. */
export function Chat() {
  const app = useApp();
  const page = useStore(app.page, (value) => value.page);
  const begun = useStore(app.session, (state) => state.turns.length > 0);
  return (
    <>
      <Announcer />
      {page === "sessions" ? (
        <Sessions />
      ) : (
        <main class="chat">
          <Head />
          {begun ? <Transcript /> : <Welcome />}
          <div class="dock">
            <ConnectionBar />
            <RestrictedBar />
            <ReadOnlyBar />
            <LeftBar />
            <Asks />
            <Tasks />
            <PlanBar />
            <Queue />
            <MessageBar />
            <Composer />
            <UsageLine />
          </div>
        </main>
      )}
    </>
  );
}
