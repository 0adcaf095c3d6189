// Questions that wait for the user, as cards above the prompt: calls that need a yes, and questions of the agent in words.
// Nothing here takes the focus, and nothing is answered by closing anything.

import type { Ask, AskHunk, Grant } from "@protocol";
import { useState } from "preact/hooks";
import { wholeFiles } from "../../chat/whole";
import { useApp } from "../app";
import { oneLine, plural } from "../format";
import type { Question } from "../model";
import { diffLines, replacement } from "../difflines";
import { head, plain } from "../shown";
import { useStore } from "../store";
import { fields, list, number, oneOf, text, texts } from "../read";
import { DiffLines } from "./diff";
import { Icon, type IconName } from "./icons";
import { Button, IconButton, memo, Words } from "./parts";

const GRANTS: Readonly<Record<Grant, string>> = {
  once: "Allow once",
  session: "Allow for this session",
  exact: "Always allow exactly this",
  prefix: "Always allow what begins like this",
  directory: "Always allow in this folder",
  always: "Always allow",
};

/** What a grant is called; one for what begins alike names that. */
function grantName(grant: Grant, ask: Ask): string {
  const begins = grant === "prefix" ? text(fields(ask.subject)["begins"]) : "";
  return begins === "" ? GRANTS[grant] : `Always allow “${plain(oneLine(begins, 60))} …”`;
}

const SUBJECTS: Readonly<Record<Exclude<Ask["subject"]["kind"], "question">, { readonly icon: IconName; readonly title: string }>> = {
  command: { icon: "terminal", title: "Run this command?" },
  edit: { icon: "edits", title: "Make this edit?" },
  script: { icon: "script", title: "Run this script?" },
};

/** Questions that are shown whole; those behind them are a line each until they come first, or are opened. */
const WHOLE = 2;

function HunkChoice(props: { readonly hunk: AskHunk; readonly number: number; readonly chosen: boolean; readonly choose: (yes: boolean) => void }) {
  const { hunk, chosen } = props;
  return (
    <div class="hunk">
      <label class="hunk-head">
        <input type="checkbox" checked={chosen} onChange={(event) => props.choose(event.currentTarget.checked)} />
        <span class="name">
          {plain(hunk.path)}:{hunk.line}
        </span>
        <span class="sr">hunk {props.number}</span>
      </label>
      <pre class="output" tabIndex={0} aria-label={`Hunk ${props.number}`}>
        <DiffLines lines={replacement(text(hunk.base), text(hunk.proposed))} />
      </pre>
    </div>
  );
}

/** What is asked about, whole: nothing of it may be out of sight for good. */
function Subject(props: { readonly ask: Ask; readonly hunks: readonly AskHunk[]; readonly chosen: ReadonlySet<number>; readonly choose: (hunk: number, yes: boolean) => void }) {
  const subject = props.ask.subject;
  switch (subject.kind) {
    case "command":
      return (
        <>
          <pre class="output command" tabIndex={0} aria-label="Command">
            {plain(text(subject.command))}
          </pre>
          <div class="faint">in {plain(text(subject.cwd))}</div>
        </>
      );
    case "edit":
      return props.hunks.length > 1 ? (
        <>
          {wholeFiles(text(subject.diff)).map(({ text: words }) => (
            <div key={words} class="whole">
              {plain(oneLine(words, 400))}
            </div>
          ))}
          {props.hunks.map((hunk, at) => (
            <HunkChoice key={at} hunk={hunk} number={at + 1} chosen={props.chosen.has(at + 1)} choose={(yes) => props.choose(at + 1, yes)} />
          ))}
        </>
      ) : (
        <pre class="output" tabIndex={0} aria-label="Edit">
          <DiffLines lines={diffLines(text(subject.diff))} />
        </pre>
      );
    default:
      return (
        <pre class="output" tabIndex={0} aria-label="Script">
          {plain(text(fields(subject)["source"]))}
        </pre>
      );
  }
}

function hunksOf(ask: Ask): readonly AskHunk[] {
  return list(fields(ask.subject)["hunks"]).map((one) => ({
    path: text(fields(one)["path"]),
    line: number(fields(one)["line"]),
    base: text(fields(one)["base"]),
    proposed: text(fields(one)["proposed"]),
  }));
}

/** A call that needs a yes. */
const ApprovalCard = memo(({ ask }: { readonly ask: Ask }) => {
  const { actions } = useApp();
  const hunks = hunksOf(ask);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set(hunks.map((_, at) => at + 1)));
  const [reason, setReason] = useState("");
  const kind = oneOf(ask.subject.kind, ["command", "edit", "script"] as const, "script");
  const { icon, title } = SUBJECTS[kind];
  const some = hunks.length > 1 && chosen.size < hunks.length;
  const allow = (grant: Grant): void =>
    void actions.answer(ask.id, { decision: "allow", grant, ...(some && { hunks: [...chosen].sort((one, other) => one - other) }) });
  const deny = (): void => void actions.answer(ask.id, { decision: "deny", ...(reason.trim() !== "" && { message: reason.trim() }) });
  const choose = (hunk: number, yes: boolean): void => {
    const next = new Set(chosen);
    if (yes) next.add(hunk);
    else next.delete(hunk);
    setChosen(next);
  };
  const grants = texts(ask.grants).filter((grant): grant is Grant => Object.hasOwn(GRANTS, grant));
  const offered: readonly Grant[] = grants.length === 0 ? ["once"] : grants;
  return (
    <section class="ask" aria-label={`${title} ${oneLine(text(ask.title), 120)}`}>
      <div class="ask-head">
        <Icon name={icon} />
        <h2>{title}</h2>
        {kind !== "command" && <span class="about">{plain(oneLine(text(ask.title), 120))}</span>}
        <IconButton icon="open" name="Show it in an editor" onClick={() => actions.command("glossator.showAsk", { askId: ask.id })} />
      </div>
      {text(ask.reason) !== "" && <div class="reason"><Words text={plain(head(text(ask.reason), 600).text)} /></div>}
      <div class="subject">
        <Subject ask={ask} hunks={hunks} chosen={chosen} choose={choose} />
      </div>
      <div class="buttons">
        {offered.map((grant, at) => (
          <Button key={grant} kind={at === 0 ? "primary" : "secondary"} disabled={some && chosen.size === 0} onClick={() => allow(grant)}>
            {some && at === 0 ? `Allow ${chosen.size} of ${plural(hunks.length, "hunk")}` : grantName(grant, ask)}
          </Button>
        ))}
      </div>
      <form
        class="deny"
        onSubmit={(event) => {
          event.preventDefault();
          deny();
        }}
      >
        <input
          type="text"
          value={reason}
          placeholder="Why not (optional): the model reads it"
          aria-label="Reason for denying"
          onInput={(event) => setReason(event.currentTarget.value)}
          onKeyDown={(event) => {
            // Forms are switched off in webviews, and Enter with them.
            if (event.key !== "Enter" || event.isComposing) return;
            event.preventDefault();
            deny();
          }}
        />
        <Button onClick={deny}>Deny</Button>
      </form>
    </section>
  );
});

/** A question in words. */
const QuestionCard = memo(({ question }: { readonly question: Extract<Question, { kind: "question" }> }) => {
  const { actions } = useApp();
  const [words, setWords] = useState("");
  const reply = (answer: string): void => void (answer.trim() !== "" && actions.task({ type: "reply", askId: question.askId, text: answer.trim() }));
  const options = texts(question.options);
  return (
    <section class="ask question" aria-label={`Question: ${oneLine(question.question, 120)}`}>
      <div class="ask-head">
        <Icon name="ask" />
        <h2>Glossator asks</h2>
      </div>
      <div class="words" dir="auto">
        <Words text={head(plain(question.question), 4000).text} />
      </div>
      {options.length > 0 && (
        <div class="options">
          {options.map((option, at) => (
            <Button key={at} onClick={() => reply(option)}>
              {plain(oneLine(option, 300))}
            </Button>
          ))}
        </div>
      )}
      <div class="deny">
        <input
          type="text"
          value={words}
          placeholder={options.length > 0 ? "Another answer" : "Your answer"}
          aria-label="Your answer"
          onInput={(event) => setWords(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.isComposing) return;
            event.preventDefault();
            reply(words);
          }}
        />
        <Button kind="primary" disabled={words.trim() === ""} onClick={() => reply(words)}>
          Answer
        </Button>
      </div>
    </section>
  );
});

/** Everything that waits for an answer in the session that is shown, and how much waits in others. */
export function Asks() {
  const app = useApp();
  const asks = useStore(app.page, (page) => page.around.asks) as readonly Question[];
  const id = useStore(app.session, (state) => state.session?.id);
  const own = asks.filter((ask) => ask.sessionId === id);
  const others = [...new Set(asks.filter((ask) => ask.sessionId !== id).map((ask) => ask.sessionId))];
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  if (own.length === 0 && others.length === 0) return null;
  const approvals = own.filter((ask) => ask.kind === "approval");
  const card = (ask: Question) => (ask.kind === "approval" ? <ApprovalCard key={ask.askId} ask={ask.ask} /> : <QuestionCard key={ask.askId} question={ask} />);
  return (
    <div class="asks">
      {own.length > 1 && (
        <div class="waiting-asks">
          <span class="faint">{plural(own.length, "question")} wait for you</span>
          {approvals.length > 1 && (
            <Button kind="quiet" title="Each of them once" onClick={() => approvals.forEach((one) => void app.actions.answer(one.askId, { decision: "allow", grant: "once" }))}>
              {`Allow all ${approvals.length}`}
            </Button>
          )}
        </div>
      )}
      {own.map((ask, at) =>
        at < WHOLE || opened.has(ask.askId) ? (
          card(ask)
        ) : (
          <button key={ask.askId} type="button" class="ask folded" aria-expanded={false} onClick={() => setOpened(new Set([...opened, ask.askId]))}>
            <Icon name="right" />
            <span class="about">{plain(oneLine(ask.kind === "approval" ? text(ask.ask.title) : ask.question, 160))}</span>
          </button>
        ),
      )}
      {others.map((session) => (
        <div key={session} class="notice warning">
          <Icon name="ask" />
          <span>Another session waits for an answer.</span>
          <Button kind="quiet" onClick={() => app.actions.open(session)}>
            Go there
          </Button>
        </div>
      ))}
    </div>
  );
}
