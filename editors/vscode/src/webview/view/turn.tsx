// One turn: what was said, done and answered, its edits, how it ended and what it took.

import { useEffect, useState } from "preact/hooks";
import { HELPS } from "../../chat/refusal";
import { cachedShare, duration, modelName, money, oneLine, plural, tokens } from "../format";
import type { Live, Turn } from "../model";
import { promptText } from "../prompts";
import { head, plain } from "../shown";
import { turnTokens } from "../state";
import { useApp } from "../app";
import { BlockView } from "./blocks";
import { ChangesView } from "./changes";
import { CopyButton } from "./code";
import { Icon } from "./icons";
import { LiveMarkdown, LiveText } from "./live";
import { Button, Fold, IconButton, memo } from "./parts";

function LiveView({ live }: { readonly live: Live }) {
  const agent = live.agent !== undefined && (
    <div class="agent">
      <Icon name="agent" /> {plain(live.agent)}
    </div>
  );
  if (live.stream === "answer") {
    return live.text.trim() === "" ? null : (
      <div class="answer">
        {agent}
        <LiveMarkdown text={live.text.trimStart()} />
      </div>
    );
  }
  const thinking = live.stream === "reasoning";
  return (
    <Fold
      class={thinking ? "thinking" : "call script-line"}
      summary={
        <>
          <Icon name={thinking ? "thought" : "script"} />
          <span class="verb working">{thinking ? "Thinking" : "Writing a script"}</span>
          <span class="about">{plural(live.text.split(/\s+/).length, "word")}</span>
        </>
      }
    >
      {() => <LiveText text={plain(live.text)} label={thinking ? "Thinking" : "Script"} />}
    </Fold>
  );
}

/** Whether anything on the screen shows that something goes on. */
function isQuiet(turn: Turn): boolean {
  if (turn.live.some((live) => live.stream !== "answer" || live.text.trim() !== "")) return false;
  return !turn.blocks.some((block) => (block.kind === "script" && block.ok === undefined) || (block.kind === "call" && !block.call.done));
}

function Working({ since }: { readonly since: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  const seconds = Math.floor((now - since) / 1000);
  return (
    <div class="waiting">
      <Icon name="running" spin /> <span class="verb working">Working</span>
      {seconds >= 3 && <span class="about">{duration(seconds * 1000)}</span>}
    </div>
  );
}

const ENDS = { failed: "Failed", interrupted: "Stopped", limited: "Paused" } as const;

function End({ turn }: { readonly turn: Turn }) {
  const { actions, page, session } = useApp();
  const { end } = turn;
  if (end === undefined || end.status === "done") return null;
  // What the provider says of a key that it does not take.
  const signIn = end.status === "failed" && (page.value.auth?.ready === false || /\b40[13]\b/.test(end.message ?? ""));
  const again = end.status === "failed" && session.value.running === undefined && session.value.turns.at(-1)?.id === turn.id;
  return (
    <div class={`notice ${end.status === "failed" ? "error" : "info"}`}>
      <Icon name={end.status === "failed" ? "error" : end.status === "limited" ? "warning" : "stop"} />
      <span dir="auto">
        <strong>{ENDS[end.status]}.</strong> {head(plain(end.message ?? ""), 3000).text}
        {(signIn || again) && (
          <span class="buttons">
            {signIn && (
              <Button icon="key" kind="primary" onClick={() => actions.help("signIn")}>
                {HELPS.signIn}
              </Button>
            )}
            {again && (
              <Button icon="redo" onClick={() => actions.again(turn)}>
                Try Again
              </Button>
            )}
          </span>
        )}
      </span>
    </div>
  );
}

function Footer({ turn }: { readonly turn: Turn }) {
  const { actions, session } = useApp();
  const { input, output } = turnTokens(turn);
  const share = cachedShare(turn.usage);
  const answer = (): string => turn.blocks.flatMap((block) => (block.kind === "answer" ? [block.text] : [])).join("\n\n");
  const sessionId = session.value.session?.id ?? "";
  const millis = turn.end === undefined ? 0 : turn.end.at - turn.at;
  const facts = [
    turn.id,
    input + output > 0 ? `${tokens(input)} in${share > 0 ? ` (${share}% cached)` : ""}, ${tokens(output)} out` : "",
    money(turn.cost),
    millis < 100 ? "" : duration(millis),
    modelName(turn.model),
  ].filter((fact) => fact !== "");
  return (
    <footer class="turn-foot">
      <span class="facts" title={facts.join(" · ")}>
        {facts.join(" · ")}
      </span>
      <span class="tools">
        <CopyButton text={answer()} name="Copy the answer" />
        {turn.end !== undefined && <IconButton icon="fork" name={`Fork here: a copy of the session up to ${turn.id}`} onClick={() => actions.fork(sessionId, turn.id)} />}
        {turn.rounds > 0 && (
          <IconButton icon="layers" name={`What was sent in ${turn.id}`} onClick={() => actions.command("glossator.context", { sessionId, turnId: turn.id })} />
        )}
      </span>
    </footer>
  );
}

/** A turn. */
export const TurnView = memo(({ turn, running }: { readonly turn: Turn; readonly running: boolean }) => {
  const prompt = turn.blocks.find((block) => block.kind === "prompt");
  const title = prompt === undefined ? "" : `: ${oneLine(promptText(prompt.parts), 80)}`;
  return (
    <article class="turn" aria-label={`Turn ${turn.id.slice(2)}${title}`} data-turn={turn.id}>
      {turn.blocks.map((block) => (
        <BlockView key={block.key} block={block} live={running} />
      ))}
      {turn.live.map((live) => (
        <LiveView key={live.key} live={live} />
      ))}
      {running && isQuiet(turn) && <Working since={turn.at} />}
      <ChangesView id={turn.id} edits={turn.edits} ended={turn.end !== undefined} />
      <End turn={turn} />
      {!running && <Footer turn={turn} />}
    </article>
  );
});
