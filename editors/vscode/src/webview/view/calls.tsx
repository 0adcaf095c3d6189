// Scripts and tool calls: a line each, and behind it what was called, what it writes while it runs, and what came of it.

import { callTitle, duration, oneLine, plural, quoted, reasonOf } from "../format";
import type { Approval, Call, ScriptBlock } from "../model";
import { fields, text } from "../read";
import { head, plain, tail, terminal } from "../shown";
import { diffLines } from "../difflines";
import { DiffLines } from "./diff";
import { Icon, type IconName } from "./icons";
import { LiveText } from "./live";
import { Fold, memo, Output } from "./parts";

/** Characters of an output that are shown. */
const CAP = 12_000;

/** Calls of a script that is done that are shown without a click. */
const FEW = 5;

const ICONS: Readonly<Record<string, IconName>> = {
  readFile: "file",
  listDir: "folder",
  grepFiles: "search",
  fileSearch: "search",
  exec: "terminal",
  applyPatch: "edits",
  writeFile: "edits",
  viewImage: "image",
  updatePlan: "plan",
  askUser: "ask",
  symbols: "symbol",
  definition: "symbol",
  references: "symbol",
};

type Stand = "running" | "done" | "failed" | "stopped" | "denied";

function standOf(call: Call, live: boolean): Stand {
  if (call.error !== undefined) {
    if (call.error.kind === "ToolCancelled") return "stopped";
    return call.error.kind === "ToolDenied" || call.approval?.allowed === false ? "denied" : "failed";
  }
  if (call.done) return fields(call.value)["exitCode"] === 0 || fields(call.value)["exitCode"] === undefined ? "done" : "failed";
  return live || call.detached ? "running" : "stopped";
}

const STANDS = { running: "running", done: "done", failed: "failed", stopped: "stopped", denied: "denied" } as const;

function Stands({ stand }: { readonly stand: Stand }) {
  const icon: IconName = stand === "running" ? "running" : stand === "done" ? "check" : stand === "stopped" ? "stop" : "error";
  return (
    <span class={`stand ${stand}`} title={STANDS[stand]}>
      <Icon name={icon} spin={stand === "running"} />
      <span class="sr">{STANDS[stand]}</span>
    </span>
  );
}

/** The whole of what came of a call, as a text. */
function outputOf(call: Call): { readonly text: string; readonly language: string } {
  if (call.error !== undefined) return { text: call.error.message, language: "plaintext" };
  const value = fields(call.value);
  if (call.name === "exec") {
    const written = text(value["aggregated"]) || [text(value["stdout"]), text(value["stderr"])].filter((one) => one !== "").join("\n");
    return { text: terminal(written), language: "plaintext" };
  }
  if (typeof call.value === "string") return { text: call.value, language: "plaintext" };
  if (typeof value["text"] === "string") return { text: text(value["text"]), language: "plaintext" };
  return { text: call.value === undefined ? "" : JSON.stringify(call.value, null, 2), language: "json" };
}

function Arguments({ call }: { readonly call: Call }) {
  const patch = text(fields(call.args)["patch"]);
  if (patch !== "") {
    return (
      <pre class="output" tabIndex={0} aria-label="Patch">
        <DiffLines lines={diffLines(patch)} />
      </pre>
    );
  }
  const command = fields(call.args)["command"];
  const whole = Array.isArray(command) ? quoted(command.map(String)) : typeof call.args === "string" ? call.args : JSON.stringify(call.args, null, 2);
  const cut = head(plain(whole ?? ""), CAP);
  return <Output text={cut.text} left={cut.left} whole={whole ?? ""} label="Called with" />;
}

function Answered({ approval }: { readonly approval: Approval }) {
  const grant = approval.allowed && approval.grant !== "once" ? `, for ${approval.grant === "session" ? "this session" : approval.grant}` : "";
  return (
    <div class="faint">
      {approval.allowed ? `You allowed it${grant}` : "You denied it"}
      {approval.message !== undefined && `: ${plain(approval.message)}`}
    </div>
  );
}

function CallBody({ call, stand }: { readonly call: Call; readonly stand: Stand }) {
  const output = outputOf(call);
  const cut = call.error !== undefined || call.name !== "exec" ? head(plain(output.text), CAP) : tail(output.text, CAP);
  return (
    <>
      <Arguments call={call} />
      {call.approval !== undefined && <Answered approval={call.approval} />}
      {stand === "running" && call.live !== "" && <LiveText text={terminal(call.live)} label="Output up to now" />}
      {call.done && output.text !== "" && <Output text={cut.text} left={cut.left} whole={output.text} language={output.language} label="Result" />}
    </>
  );
}

/** A call. */
export const CallRow = memo(({ call, live }: { readonly call: Call; readonly live: boolean }) => {
  const stand = standOf(call, live);
  const { verb, about } = callTitle(call.name, call.args);
  const came = call.error !== undefined ? reasonOf(call.error.message) : (call.name === "applyPatch" ? "" : call.summary);
  return (
    <>
      <Fold
        class={`call ${stand}`}
        summary={
          <>
            <Icon name={ICONS[call.name] ?? "tools"} />
            <span class="verb">{plain(verb)}</span>
            <span class="about code">{plain(about)}</span>
            {call.detached && <span class="tag">task</span>}
            {came !== undefined && came !== "" && <span class="came">{plain(oneLine(came, 80))}</span>}
            <Stands stand={stand} />
          </>
        }
      >
        {() => <CallBody call={call} stand={stand} />}
      </Fold>
      {stand === "running" && call.live !== "" && <LivePeek text={call.live} />}
    </>
  );
});

/** The last lines of an output while it comes, under the folded line of its call. */
function LivePeek({ text: written }: { readonly text: string }) {
  const lines = terminal(written.slice(-2000)).trimEnd().split("\n").slice(-3);
  return (
    <pre class="peek" aria-hidden="true">
      {lines.map((line) => line.slice(0, 300)).join("\n")}
    </pre>
  );
}

function scriptStand(block: ScriptBlock, live: boolean): Stand {
  if (block.ok === undefined) return live ? "running" : "stopped";
  return block.ok ? "done" : "failed";
}

/** The calls of a script; of many that went well only how many there were. */
function Calls({ block, shown, live }: { readonly block: ScriptBlock; readonly shown: readonly Call[]; readonly live: boolean }) {
  const rows = shown.map((call) => <CallRow key={call.id} call={call} live={live && block.ok === undefined} />);
  const quiet = block.ok === true && shown.length > FEW;
  if (!quiet) return <div class="calls">{rows}</div>;
  return (
    <Fold class="calls" summary={<span class="about">{plural(shown.length, "call")}</span>}>
      {() => <div class="calls">{rows}</div>}
    </Fold>
  );
}

/** Why a script failed: the first lines of what the model is told. */
function whyFailed(output: string): string {
  const error = /^error: (.*)$/m.exec(output)?.[1];
  // The reason, not its place in a script that is folded away.
  return reasonOf((error ?? "").replace(/^\w+ at line \d+(?:, column \d+)?: /, ""));
}

/** A script with its calls. */
export const ScriptView = memo(({ block, live }: { readonly block: ScriptBlock; readonly live: boolean }) => {
  const stand = scriptStand(block, live);
  // What a change of the plan came to is the plan that is shown.
  const calls = block.calls.filter((call) => call.name !== "updatePlan" || call.error !== undefined);
  // Calls at the same time took no longer than the longest of them.
  const millis = block.millis ?? 0;
  const why = block.ok === false ? whyFailed(block.output ?? "") : "";
  const output = block.output ?? "";
  const cut = head(plain(output), CAP);
  const source = head(plain(block.source), CAP);
  return (
    <div class="script">
      <Fold
        class="call script-line"
        summary={
          <>
            <Icon name="script" />
            <span class="verb">Script</span>
            <span class="about">
              {calls.length === 0 ? "" : plural(calls.length, "call")}
              {calls.length > 0 && millis > 0 && `, ${duration(millis)}`}
            </span>
            {why !== "" && <span class="came">{plain(oneLine(why, 80))}</span>}
            <Stands stand={stand} />
          </>
        }
      >
        {() => (
          <>
            <Output text={source.text} left={source.left} whole={block.source} language="typescript" label="Script" />
            {output !== "" && <Output text={cut.text} left={cut.left} whole={output} language="xml" label="What the model is told" />}
          </>
        )}
      </Fold>
      {calls.length > 0 && <Calls block={block} shown={calls} live={live} />}
    </div>
  );
});
