// What stands between transcript and prompt: the connection, messages, tasks that run, the plan, prompts that wait.

import { useEffect } from "preact/hooks";
import { HELPS } from "../../chat/refusal";
import { useApp } from "../app";
import { oneLine, plural } from "../format";
import { promptText } from "../prompts";
import { head, plain } from "../shown";
import { useStore } from "../store";
import { Steps } from "./blocks";
import { Icon } from "./icons";
import { Button, Fold, IconButton } from "./parts";

/** Milliseconds after which what came of something needs no place any more. */
const READ = 15_000;

const CONNECTIONS = {
  starting: "Glossator is starting.",
  ready: "",
  restarting: "Glossator's server ended and is being started again. Nothing is lost.",
  stopped: "Glossator's server was stopped.",
  idle: "Glossator works on folders.",
  missing: "The program glossator was not found.",
  failed: "Glossator's server could not be started.",
} as const;

/** How it stands with the server, where that is worth a word. */
export function ConnectionBar() {
  const app = useApp();
  const connection = useStore(app.page, (page) => page.around.connection);
  if (connection.kind === "ready") return null;
  const busy = connection.kind === "starting" || connection.kind === "restarting";
  const idle = connection.kind === "idle";
  return (
    <div class={`notice ${busy || idle ? "info" : "error"}`} role="status">
      <Icon name={busy ? "running" : idle ? "info" : "error"} spin={busy} />
      <span>
        {connection.message === undefined ? CONNECTIONS[connection.kind] : plain(oneLine(connection.message, 400))}
        {idle && (
          <span class="buttons">
            <Button kind="primary" onClick={() => app.actions.command("vscode.openFolder")}>
              Open Folder…
            </Button>
          </span>
        )}
        {!busy && !idle && (
          <span class="buttons">
            <Button onClick={() => app.actions.command("glossator.restart")}>Start again</Button>
            <Button kind="quiet" onClick={() => app.actions.command(connection.kind === "missing" ? "glossator.openSettings" : "glossator.showLog")}>
              {connection.kind === "missing" ? "Settings" : "Show log"}
            </Button>
          </span>
        )}
      </span>
    </div>
  );
}

/** What went wrong, or came of something; until it is put away. */
export function MessageBar() {
  const app = useApp();
  const message = useStore(app.page, (page) => page.message);
  const auth = useStore(app.page, (page) => page.auth);
  useEffect(() => {
    if (message?.level !== "info") return undefined;
    const timer = window.setTimeout(() => app.page.patch({ message: null }), READ);
    return () => window.clearTimeout(timer);
  }, [message]);
  if (message === null) return null;
  const helps = message.helps ?? (message.level === "error" && auth?.ready === false ? (["signIn"] as const) : []);
  return (
    <div class={`notice ${message.level}`} role={message.level === "error" ? "alert" : "status"}>
      <Icon name={message.level} />
      <span dir="auto">
        {head(plain(message.text), 2000).text}
        {helps.length > 0 && (
          <span class="buttons">
            {helps.map((help, at) => (
              <Button key={help} icon={help === "model" ? "model" : "key"} kind={at === 0 ? "primary" : "secondary"} onClick={() => app.actions.help(help, message.provider)}>
                {HELPS[help]}
              </Button>
            ))}
          </span>
        )}
      </span>
      <IconButton icon="close" name="Put this message away" onClick={() => app.page.patch({ message: null })} />
    </div>
  );
}

/** What does not work in Restricted Mode. */
export function RestrictedBar() {
  const app = useApp();
  const restricted = useStore(app.page, (page) => page.around.restricted);
  return restricted ? (
    <div class="notice info">
      <Icon name="shield" />
      <span>
        Restricted Mode: Glossator only looks. It makes no edits and runs no commands.
        <span class="buttons">
          <Button onClick={() => app.actions.command("glossator.trust")}>Trust Workspace…</Button>
        </span>
      </span>
    </div>
  ) : null;
}

/** Why nothing can be sent for now. */
export function ReadOnlyBar() {
  const app = useApp();
  const why = useStore(app.session, (state) => state.readOnly);
  return why === undefined ? null : (
    <div class="notice warning">
      <Icon name="warning" />
      <span>{plain(oneLine(why, 400))}</span>
    </div>
  );
}

/** How the session was left, until something happens in it. */
export function LeftBar() {
  const app = useApp();
  const left = useStore(app.session, (state) => (state.running === undefined ? state.left : undefined));
  return left === undefined || left === "" ? null : (
    <div class="notice info">
      <Icon name="history" />
      <span>{plain(oneLine(left, 600))}</span>
      <IconButton icon="close" name="Put this message away" onClick={() => app.actions.dispatch({ type: "seen" })} />
    </div>
  );
}

/** Tasks that run. */
export function Tasks() {
  const app = useApp();
  const tasks = useStore(app.session, (state) => state.tasks);
  const running = tasks.filter((task) => task.state === "running");
  if (running.length === 0) return null;
  const stop = (id: string, sessionId: string): Promise<boolean> => app.actions.attempt(() => app.host.request("glossator/tasks/cancel", { sessionId, id }));
  return (
    <Fold
      class="docked tasks"
      open
      summary={
        <>
          <Icon name="running" spin />
          <span class="verb">{plural(running.length, "task")} at work</span>
        </>
      }
    >
      {() => (
        <ul class="rows">
          {running.map((task) => (
            <li key={task.id}>
              <span class="about code">{plain(oneLine(task.line, 200))}</span>
              <IconButton icon="stop" name={`Stop the task ${task.id}`} onClick={() => stop(task.id, task.sessionId)} />
            </li>
          ))}
        </ul>
      )}
    </Fold>
  );
}

/** The plan while a turn runs. */
export function PlanBar() {
  const app = useApp();
  const plan = useStore(app.session, (state) => state.plan);
  const running = useStore(app.session, (state) => state.running);
  const done = plan.filter((step) => step.status === "done").length;
  if (running === undefined || plan.length === 0) return null;
  const now = plan.find((step) => step.status === "inProgress") ?? plan.find((step) => step.status === "pending");
  return (
    <Fold
      class="docked"
      summary={
        <>
          <Icon name="plan" />
          <span class="verb">
            Plan {done}/{plan.length}
          </span>
          <span class="about">{now === undefined ? "" : plain(oneLine(now.text, 120))}</span>
        </>
      }
    >
      {() => <Steps steps={plan} live />}
    </Fold>
  );
}

/** Prompts that wait for their turn. */
export function Queue() {
  const app = useApp();
  const queue = useStore(app.session, (state) => state.queue);
  const waits = useStore(app.session, (state) => state.queueWaits);
  if (queue.length === 0) return null;
  return (
    <section class="docked queue" aria-label="Queue">
      <div class="fold-line">
        <Icon name="queue" />
        <span class="verb">{plural(queue.length, "prompt")} in the queue</span>
        {waits !== undefined && (
          <>
            <span class="about">{plain(oneLine(waits, 200))}</span>
            <Button kind="quiet" onClick={() => app.actions.task({ type: "goOn" })}>
              Go on
            </Button>
          </>
        )}
      </div>
      <ul class="rows">
        {queue.map(({ id, parts }) => (
          <li key={id}>
            <span class="about" dir="auto">
              {plain(oneLine(promptText(parts), 200)) || "image"}
            </span>
            <IconButton icon="edit" name={`Take ${id} back to write on`} onClick={() => app.actions.unqueue(id, true)} />
            <IconButton icon="close" name={`Take ${id} out of the queue`} onClick={() => app.actions.unqueue(id, false)} />
          </li>
        ))}
      </ul>
    </section>
  );
}
