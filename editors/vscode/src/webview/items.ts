// One item of a session's log taken into its turn. Kinds that are not known, and items that are not as they should be, are
// skipped. What nobody reads in a chat (what the editor showed, what was kept, questions that were put) is skipped too.

import type { Cost, TurnStatus, Usage } from "@protocol";
import { promptParts } from "./prompts";
import { fields, list, number, oneOf, text, texts, type Fields } from "./read";
import { takeChangeSet } from "./edits";
import type { Approval, Block, Call, Live, ScriptBlock, Step, Turn } from "./model";

const LEVELS = ["info", "warning", "error"] as const;
const STATUSES = ["done", "failed", "interrupted", "limited"] as const;
const STEPS = ["pending", "inProgress", "done"] as const;

/** What an item is taken in with. */
interface Taken {
  readonly item: Fields;
  readonly key: string;
  readonly at: number;
  readonly agent?: string;
  readonly roots: readonly string[];
}

type Take = (turn: Turn, taken: Taken) => Turn;

function add(turn: Turn, block: Block): Turn {
  return { ...turn, blocks: [...turn.blocks, block] };
}

function ended(turn: Turn, streams: readonly Live["stream"][], agent: string | undefined): Turn {
  const live = turn.live.filter((one) => !(streams.includes(one.stream) && one.agent === agent));
  return live.length === turn.live.length ? turn : { ...turn, live };
}

/** The text of an answer without its scripts, which are shown by themselves. */
export function withoutScripts(answer: string): string {
  const parts: string[] = [];
  let from = 0;
  for (;;) {
    const start = answer.indexOf("<tool-calls>", from);
    if (start < 0) break;
    parts.push(answer.slice(from, start));
    const end = answer.indexOf("</tool-calls>", start);
    if (end < 0) {
      from = answer.length;
      break;
    }
    from = end + "</tool-calls>".length;
  }
  parts.push(answer.slice(from));
  return parts.map((one) => one.trim()).filter((one) => one !== "").join("\n\n");
}

/** The turn with a change made to the call of this id; the turn itself if it has none. */
export function withCall(turn: Turn, id: string, change: (call: Call) => Call): Turn {
  for (let at = turn.blocks.length - 1; at >= 0; at -= 1) {
    const block = turn.blocks[at];
    if (block?.kind === "call" && block.call.id === id) {
      return { ...turn, blocks: turn.blocks.with(at, { ...block, call: change(block.call) }) };
    }
    if (block?.kind !== "script") continue;
    const inner = block.calls.findLastIndex((call) => call.id === id);
    const call = block.calls[inner];
    if (call !== undefined) {
      const calls = block.calls.with(inner, change(call));
      return { ...turn, blocks: turn.blocks.with(at, { ...block, calls }) };
    }
  }
  return turn;
}

function withScript(turn: Turn, id: string, change: (script: ScriptBlock) => ScriptBlock): Turn | undefined {
  const at = turn.blocks.findLastIndex((block) => block.kind === "script" && block.id === id);
  const block = turn.blocks[at];
  if (block?.kind !== "script") return undefined;
  return { ...turn, blocks: turn.blocks.with(at, change(block)) };
}

const userMessage: Take = (turn, { item, key, at }) =>
  add(turn, {
    kind: "prompt",
    key,
    at,
    parts: promptParts(item["input"]),
    to: texts(item["to"]),
    steering: turn.blocks.some((block) => block.kind === "prompt"),
  });

const answer: Take = (turn, { item, key, agent }) => {
  const done = ended(turn, ["answer", "script"], agent);
  const shown = withoutScripts(text(item["text"]));
  return shown === "" ? done : add(done, { kind: "answer", key, text: shown, ...(agent !== undefined && { agent }) });
};

const reasoning: Take = (turn, { item, key, agent }) => {
  const done = ended(turn, ["reasoning"], agent);
  const shown = text(item["text"]).trim();
  return shown === "" ? done : add(done, { kind: "thinking", key, text: shown, ...(agent !== undefined && { agent }) });
};

const toolCall: Take = (turn, { item, key }) => {
  const one = fields(item["call"]);
  const call: Call = { id: text(one["id"]), name: text(one["name"]), args: one["arguments"], live: "", done: false, detached: false };
  const script = text(item["script"]);
  const inside = script === "" ? undefined : withScript(turn, script, (old) => ({ ...old, calls: [...old.calls, call] }));
  return inside ?? add(turn, { kind: "call", key, call });
};

const toolOutput: Take = (turn, { item }) => {
  const outcome = fields(item["outcome"]);
  const millis = number(item["millis"]);
  return withCall(turn, text(item["call"]), (call) => {
    if (outcome["Ok"] !== undefined) {
      const output = fields(outcome["Ok"]);
      return { ...call, done: true, millis, summary: text(output["summary"]), value: output["value"] };
    }
    const error = fields(outcome["Err"]);
    return { ...call, done: true, millis, error: { kind: text(error["kind"]), message: text(error["message"]) } };
  });
};

const script: Take = (turn, { item, key, at, agent }) =>
  add(ended(turn, ["script"], agent), {
    kind: "script",
    key,
    id: text(item["script"]),
    source: text(item["source"]),
    calls: [],
    at,
    ...(agent !== undefined && { agent }),
  });

const scriptOutput: Take = (turn, { item, at }) =>
  withScript(turn, text(item["script"]), (old) => ({
    ...old,
    output: text(item["text"]),
    ok: item["ok"] === true,
    ...(at > old.at && old.at > 0 && { millis: at - old.at }),
  })) ?? turn;

function answered(value: unknown): Approval {
  const one = fields(value);
  const message = text(one["message"]);
  return { allowed: one["decision"] === "allow", grant: text(one["grant"]) || "once", ...(message !== "" && { message }) };
}

const approval: Take = (turn, { item, key }) => {
  const ask = fields(item["ask"]);
  const how = answered(item["answer"]);
  const at = withCall(turn, text(ask["call"]), (call) => ({ ...call, approval: how }));
  return at === turn ? add(turn, { kind: "approval", key, title: text(ask["title"]), approval: how }) : at;
};

const task: Take = (turn, { item }) => {
  const state = fields(item["state"]);
  return withCall(turn, text(item["task"]), (call) => {
    const detached = { ...call, detached: true };
    if (state["is"] === "lost") return { ...detached, done: true, error: { kind: "Lost", message: "its result is lost" } };
    return detached;
  });
};

const notice: Take = (turn, { item, key }) => withNotice(turn, key, item["level"], text(item["text"]));

/** The turn with a notice; one that is told twice, as an item and as an update, is shown once. */
export function withNotice(turn: Turn, key: string, level: unknown, words: string): Turn {
  const known = turn.blocks.some((block) => block.kind === "notice" && block.text === words);
  return known ? turn : add(turn, { kind: "notice", key, level: oneOf(level, LEVELS, "info"), text: words });
}

/** The steps of a plan. */
export function planSteps(value: unknown): readonly Step[] {
  return list(value).map((one) => ({ text: text(fields(one)["text"]), status: oneOf(fields(one)["status"], STEPS, "pending") }));
}

const plan: Take = (turn, { item, key }) => {
  const steps = planSteps(item["steps"]);
  const at = turn.blocks.findLastIndex((block) => block.kind === "plan");
  const old = turn.blocks[at];
  const block: Block = { kind: "plan", key: old?.key ?? key, steps, explanation: text(item["explanation"]) };
  return old === undefined ? add(turn, block) : { ...turn, blocks: turn.blocks.with(at, block) };
};

const compaction: Take = (turn, { item, key }) =>
  add(turn, {
    kind: "compaction",
    key,
    before: number(item["tokensBefore"]),
    after: number(item["tokensAfter"]),
    summary: text(item["summary"]),
  });

/** Tokens of a request: everything that was sent. */
export function inputTokens(usage: Partial<Usage>): number {
  return number(usage.input) + number(usage.cacheRead) + number(usage.cacheWrite);
}

const request: Take = (turn, { item }) => {
  const context = inputTokens(fields(item["usage"]));
  const model = text(item["model"]);
  const rounds = Math.max(turn.rounds, number(item["round"]));
  return { ...turn, rounds, ...(model !== "" && { model }), ...(context > 0 && { context }) };
};

const turnEnded: Take = (turn, { item, at }) => {
  const message = text(item["message"]);
  const status: TurnStatus = oneOf(item["status"], STATUSES, "done");
  return {
    ...turn,
    live: [],
    usage: item["usage"] as Usage,
    ...(fields(item["cost"])["microUsd"] !== undefined && { cost: item["cost"] as Cost }),
    end: { status, at, ...(message !== "" && { message }) },
  };
};

const TAKES: Readonly<Record<string, Take>> = {
  userMessage,
  answer,
  reasoning,
  toolCall,
  toolOutput,
  script,
  scriptOutput,
  approval,
  task,
  notice,
  plan,
  compaction,
  request,
  turnEnded,
  changeSet: (turn, { item, roots }) => takeChangeSet(turn, item, roots),
};

/** The turn with the item taken in; the very same turn where the item says nothing to show. */
export function takeItem(turn: Turn, value: unknown, roots: readonly string[]): Turn {
  const item = fields(value);
  const take = Object.hasOwn(TAKES, text(item["kind"])) ? TAKES[text(item["kind"])] : undefined;
  if (take === undefined) return turn;
  const agent = text(item["agent"]);
  const key = `i${number(item["id"])}`;
  return take(turn, { item, key, at: number(item["at"]), roots, ...(agent !== "" && { agent }) });
}
