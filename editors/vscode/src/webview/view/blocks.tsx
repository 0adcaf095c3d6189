// The blocks of a turn beside its scripts and calls: what the user said, thinking, answers, notices, the plan, compactions.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { oneLine, tokens } from "../format";
import type { AnswerBlock, ApprovalBlock, Block, CompactionBlock, NoticeBlock, PlanBlock, PromptBlock, PromptPart, Step, ThinkingBlock } from "../model";
import { promptText } from "../prompts";
import { shortPath } from "../edits";
import { head, plain } from "../shown";
import { useApp } from "../app";
import { CallRow, ScriptView } from "./calls";
import { Icon } from "./icons";
import { Markdown } from "./markdown";
import { Button, Fold, Link, memo, Words } from "./parts";

/** Lines and characters of a prompt that are shown until more is asked for. */
const PROMPT_LINES = 14;
const PROMPT_CAP = 1600;

function fileName(uri: string, roots: readonly string[]): string {
  try {
    return shortPath(decodeURIComponent(new URL(uri).pathname).replace(/^\/(?=[a-z]:)/i, ""), roots);
  } catch {
    return uri;
  }
}

function Mention({ uri, lines }: Extract<PromptPart, { kind: "mention" }>) {
  const { page } = useApp();
  const name = fileName(uri, page.value.around.roots);
  const place = lines === undefined ? "" : lines[0] === lines[1] ? `:${lines[0]}` : `:${lines[0]}-${lines[1]}`;
  const hash = lines === undefined ? "" : `#L${lines[0]}-L${lines[1]}`;
  return (
    <Link href={uri + hash} class="chip">
      <Icon name="file" />
      <span>{name + place}</span>
    </Link>
  );
}

/** What the user said. */
export const PromptView = memo(({ block }: { readonly block: PromptBlock }) => {
  const [whole, setWhole] = useState(false);
  const words = promptText(block.parts);
  const long = words.length > PROMPT_CAP || words.split("\n").length > PROMPT_LINES;
  const cut = words.split("\n").slice(0, PROMPT_LINES).join("\n").slice(0, PROMPT_CAP);
  const images = block.parts.flatMap((part) => (part.kind === "image" ? [part] : []));
  const mentions = block.parts.flatMap((part) => (part.kind === "mention" ? [part] : []));
  return (
    <div class={`prompt${block.steering ? " steering" : ""}`}>
      <h2 class="sr">{block.steering ? "You added" : "You"}</h2>
      {block.steering && <div class="label">added while it ran</div>}
      {block.to.length > 0 && <div class="label">to {block.to.join(", ")}</div>}
      <div class="words" dir="auto">
        {long && !whole ? head(cut, PROMPT_CAP).text : head(words, 100_000).text}
      </div>
      {long && (
        <button type="button" class="link" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? "Show less" : "Show more"}
        </button>
      )}
      {images.length > 0 && (
        <div class="images">
          {images.map((image, at) => (
            <img key={at} src={`data:${image.mediaType};base64,${image.data}`} alt={image.name || "Image"} />
          ))}
        </div>
      )}
      {mentions.length > 0 && (
        <div class="chips">
          {mentions.map((mention, at) => (
            <Mention key={at} {...mention} />
          ))}
        </div>
      )}
    </div>
  );
});

function Agent({ name }: { readonly name: string | undefined }) {
  if (name === undefined) return null;
  return (
    <div class="agent">
      <Icon name="agent" /> {plain(name)}
    </div>
  );
}

const AnswerView = memo(({ block }: { readonly block: AnswerBlock }) => (
  <div class="answer">
    <Agent name={block.agent} />
    <Markdown text={block.text} />
  </div>
));

const ThinkingView = memo(({ block }: { readonly block: ThinkingBlock }) => (
  <Fold
    class="thinking"
    summary={
      <>
        <Icon name="thought" />
        <span class="verb">Thought</span>
        <span class="about">{oneLine(plain(block.text), 120)}</span>
      </>
    }
  >
    {() => (
      <div class="thoughts" dir="auto">
        {head(block.text, 40_000).text}
      </div>
    )}
  </Fold>
));

/** Something to be known. */
export const NoticeView = memo(({ block }: { readonly block: Pick<NoticeBlock, "level" | "text"> }) => {
  const { actions } = useApp();
  // The command, which the server names for every editor, is a button here.
  const trust = /^(.*) Look at it, then run glossator\.trust\.$/s.exec(block.text)?.[1];
  return (
    <div class={`notice ${block.level}`}>
      <Icon name={block.level} />
      <span class="sr">{block.level}: </span>
      <span dir="auto">
        {head(plain(trust ?? block.text), 4000).text}
        {trust !== undefined && (
          <span class="buttons">
            <Button icon="shield" onClick={() => actions.command("glossator.trust")}>
              Trust Workspace…
            </Button>
          </span>
        )}
      </span>
    </div>
  );
});

const STEPS = { pending: "to do", inProgress: "in progress", done: "done" } as const;

/** The steps of a plan as a check list. */
export function Steps({ steps, live }: { readonly steps: readonly Step[]; readonly live: boolean }) {
  return (
    <ul class="steps">
      {steps.map((step, at) => (
        <li key={at} class={step.status}>
          <span class="box">
            {step.status === "done" && <Icon name="check" />}
            {step.status === "inProgress" && <Icon name={live ? "running" : "right"} spin={live} />}
          </span>
          <span class="sr">{STEPS[step.status]}: </span>
          <span>
            <Words text={plain(oneLine(step.text, 300))} />
          </span>
        </li>
      ))}
    </ul>
  );
}

const PlanView = memo(({ block, live }: { readonly block: PlanBlock; readonly live: boolean }) => (
  <div class="plan">
    <div class="plan-head">
      <Icon name="plan" />
      <span class="verb">Plan</span>
      <span class="about">
        {block.steps.filter((step) => step.status === "done").length} of {block.steps.length} done
      </span>
    </div>
    <Steps steps={block.steps} live={live} />
    {block.explanation !== "" && <div class="faint">{head(plain(block.explanation), 1000).text}</div>}
  </div>
));

const CompactionView = memo(({ block }: { readonly block: CompactionBlock }) => (
  <Fold
    class="compaction"
    empty={block.summary === ""}
    summary={
      <>
        <Icon name="layers" />
        <span class="verb">History compacted</span>
        <span class="about">
          {tokens(block.before)} to {tokens(block.after)} tokens
        </span>
      </>
    }
  >
    {() => <Markdown text={block.summary} />}
  </Fold>
));

const ApprovalView = memo(({ block }: { readonly block: ApprovalBlock }) => (
  <div class="notice info">
    <Icon name="shield" />
    <span>
      {block.approval.allowed ? "Allowed" : "Denied"}: {plain(oneLine(block.title, 200))}
      {block.approval.message !== undefined && ` (${plain(oneLine(block.approval.message, 300))})`}
    </span>
  </div>
));

/** Any block. */
export function BlockView({ block, live }: { readonly block: Block; readonly live: boolean }): JSX.Element {
  switch (block.kind) {
    case "prompt":
      return <PromptView block={block} />;
    case "answer":
      return <AnswerView block={block} />;
    case "thinking":
      return <ThinkingView block={block} />;
    case "script":
      return <ScriptView block={block} live={live} />;
    case "call":
      return <CallRow call={block.call} live={live} />;
    case "notice":
      return <NoticeView block={block} />;
    case "plan":
      return <PlanView block={block} live={live} />;
    case "compaction":
      return <CompactionView block={block} />;
    case "approval":
      return <ApprovalView block={block} />;
  }
}
