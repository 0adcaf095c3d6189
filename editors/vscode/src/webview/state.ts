// The state of the page as a pure function of what was told: reads of a session and its updates. Updates that were seen
// before are dropped. That none is missing is the host's care: after a gap it reads the session and shows it anew.

import type { Cost, Hunk, ReadSessionResult, Session, SessionUpdateParams, Task, Update, Usage } from "@protocol";
import { shownHunk, takeHunks, turnOf } from "./edits";
import { inputTokens, planSteps, takeItem, withCall, withNotice } from "./items";
import { promptParts } from "./prompts";
import { fields, list, number, oneOf, present, text } from "./read";
import { writingIn } from "../chat/writing";
import { EMPTY, newTurn, turnNumber, type Live, type Queued, type State, type Turn } from "./model";

/** What the state is changed by. */
export type Event =
  | { readonly type: "none" }
  | { readonly type: "reset"; readonly read: ReadSessionResult; readonly left?: string; readonly roots: readonly string[] }
  | { readonly type: "older"; readonly read: ReadSessionResult; readonly roots: readonly string[] }
  | { readonly type: "updates"; readonly updates: readonly SessionUpdateParams[]; readonly roots: readonly string[]; readonly at: number }
  | { readonly type: "hunks"; readonly turnId?: string; readonly hunks: readonly Hunk[] }
  | { readonly type: "tasks"; readonly tasks: readonly Task[] }
  | { readonly type: "queue"; readonly prompts: readonly unknown[]; readonly waits?: string }
  | { readonly type: "renamed"; readonly title: string }
  | { readonly type: "say"; readonly text: string }
  | { readonly type: "seen" };

/** What an update is taken in with. */
interface Around {
  /** Folders of the workspace. */
  readonly roots: readonly string[];
  /** When it came: milliseconds since the Unix epoch. */
  readonly at: number;
}

/** Characters of a call's output that are kept while it runs. */
const LIVE_CAP = 40_000;

/** The state after an event. */
export function reduce(state: State, event: Event): State {
  switch (event.type) {
    case "none":
      return EMPTY;
    case "reset":
      return reset(event);
    case "older":
      return older(state, event);
    case "updates":
      return merged(event.updates).reduce((now, update) => take(now, update, event), state);
    case "hunks":
      return withHunks(state, event.hunks, event.turnId);
    case "tasks":
      return { ...state, tasks: event.tasks };
    case "queue":
      return queued(state, event.prompts, event.waits);
    case "renamed":
      return state.session === undefined ? state : { ...state, session: { ...state.session, title: event.title } };
    case "say":
      return say(state, event.text);
    case "seen":
      return { ...state, left: "" };
  }
}

function say(state: State, words: string): State {
  return { ...state, said: { text: words, count: state.said.count + 1 } };
}

function fold(items: readonly unknown[], roots: readonly string[]): readonly Turn[] {
  const turns: Turn[] = [];
  const places = new Map<string, number>();
  for (const item of items) {
    const id = turnOf(turns, fields(item));
    if (turnNumber(id) === 0) continue;
    let at = places.get(id);
    if (at === undefined) {
      at = turns.push(newTurn(id, number(fields(item)["at"]))) - 1;
      places.set(id, at);
    }
    turns[at] = takeItem(turns[at] as Turn, item, roots);
  }
  return turns.sort((one, other) => turnNumber(one.id) - turnNumber(other.id));
}

function lastPlan(turns: readonly Turn[]): State["plan"] {
  for (const turn of turns.toReversed()) {
    for (const block of turn.blocks) if (block.kind === "plan") return block.steps;
  }
  return [];
}

function reset({ read, left, roots }: Extract<Event, { type: "reset" }>): State {
  const turns = fold(list(read.items), roots);
  const state: State = {
    ...EMPTY,
    session: read.session,
    seq: number(read.seq),
    turns,
    plan: lastPlan(turns),
    more: read.more === true,
    ...present<Partial<State>>({ running: read.running, readOnly: read.readOnly, left }),
    choices: choices(EMPTY, read.settings ?? { model: read.session.model }),
  };
  return queued(withWriting(state, list(fields(read)["writing"]), number(read.session.updatedAt)), list(read.queued), undefined);
}

function older(state: State, { read, roots }: Extract<Event, { type: "older" }>): State {
  if (read.session.id !== state.session?.id) return state;
  const first = turnNumber(state.turns[0]?.id);
  const turns = fold(list(read.items), roots).filter((turn) => first === 0 || turnNumber(turn.id) < first);
  return { ...state, turns: [...turns, ...state.turns], more: read.more === true && turns.length > 0 };
}

function choices(state: State, settings: unknown): State["choices"] {
  const said = fields(settings);
  const word = (name: string): string | undefined => text(said[name]) || undefined;
  return { ...state.choices, ...present({ model: word("model"), pack: word("pack"), policy: word("policy") }) };
}

function queued(state: State, prompts: readonly unknown[], waits: string | undefined): State {
  const queue = prompts.map((one): Queued => ({ id: text(fields(one)["id"]), parts: promptParts(fields(one)["input"]) }));
  const { queueWaits: _, ...rest } = state;
  return { ...rest, queue, ...(waits !== undefined && waits !== "" && { queueWaits: waits }) };
}

function withHunks(state: State, hunks: readonly Hunk[], only: string | undefined): State {
  const wanted = hunks.filter((hunk) => only === undefined || hunk.turnId === only);
  const turns = state.turns.map((turn) => {
    const own = wanted.filter((hunk) => hunk.turnId === turn.id);
    return own.length === 0 ? turn : takeHunks(turn, own.map(shownHunk));
  });
  return { ...state, turns };
}

/** Fragments of one stream that follow each other, as one; a batch may hold hundreds. */
export function merged(updates: readonly SessionUpdateParams[]): readonly SessionUpdateParams[] {
  const result: SessionUpdateParams[] = [];
  for (const next of updates) {
    const last = result.at(-1);
    const [one, other] = [last?.update, next.update];
    if (last !== undefined && one?.kind === "itemDelta" && other?.kind === "itemDelta" && continues(last, next)) {
      result[result.length - 1] = { ...next, update: { ...other, text: text(one.text) + text(other.text) } };
    } else {
      result.push(next);
    }
  }
  return result;
}

function continues(last: SessionUpdateParams, next: SessionUpdateParams): boolean {
  const [one, other] = [fields(last.update), fields(next.update)];
  return (
    last.sessionId === next.sessionId &&
    last.turnId === next.turnId &&
    next.seq === last.seq + 1 &&
    one["stream"] === other["stream"] &&
    one["agent"] === other["agent"]
  );
}

function take(state: State, params: SessionUpdateParams, around: Around): State {
  if (params.sessionId !== state.session?.id) return state;
  // Read behind a gap; the updates that were read with it may have brought us to its number already.
  const writing = writingIn(params);
  if (writing !== undefined && params.seq >= state.seq) return withWriting({ ...state, seq: params.seq }, writing, around.at);
  if (params.seq <= state.seq) return state;
  const next = { ...state, seq: params.seq };
  const kind = text(fields(params.update)["kind"]);
  const change = Object.hasOwn(CHANGES, kind) ? CHANGES[kind] : undefined;
  return change === undefined ? next : change(next, params, around);
}

type Change = (state: State, params: SessionUpdateParams, around: Around) => State;

/** The state with a change made to a turn; one that is not there yet begins `at`, where it may begin. */
function withTurn(state: State, id: string | undefined, at: number | undefined, change: (turn: Turn) => Turn): State {
  const number = turnNumber(id);
  if (id === undefined || number === 0) return state;
  const place = state.turns.findLastIndex((turn) => turn.id === id);
  const old = state.turns[place];
  if (old === undefined) {
    if (at === undefined) return state;
    // A turn before the first that is shown is read when it is wanted.
    if (number <= turnNumber(state.turns.at(-1)?.id)) return state;
    return { ...state, turns: [...state.turns, change(newTurn(id, at))] };
  }
  const turn = change(old);
  return turn === old ? state : { ...state, turns: state.turns.with(place, turn) };
}

function kindOf<K extends Update["kind"]>(params: SessionUpdateParams, _kind: K): Extract<Update, { kind: K }> {
  return params.update as Extract<Update, { kind: K }>;
}

const turnStarted: Change = (state, { turnId }, { at }) => {
  const next = withTurn(state, turnId, at, (turn) => turn);
  return turnId === undefined ? next : say({ ...next, running: turnId, left: "" }, `${turnId} started`);
};

/** The turn with a fragment of something that is being written. */
function written(turn: Turn, told: unknown): Turn {
  const delta = fields(told);
  const [stream, fragment, agent] = [text(delta["stream"]), text(delta["text"]), text(delta["agent"]) || undefined];
  if (stream !== "answer" && stream !== "reasoning" && stream !== "script") {
    return withCall(turn, stream, (call) => ({ ...call, live: (call.live + fragment).slice(-LIVE_CAP) }));
  }
  const key = `${stream}/${agent ?? ""}`;
  const at = turn.live.findIndex((one) => one.key === key);
  const old: Live = turn.live[at] ?? { key, stream, text: "", ...present<{ agent?: string }>({ agent }) };
  const live = { ...old, text: old.text + fragment };
  return { ...turn, live: at < 0 ? [...turn.live, live] : turn.live.with(at, live) };
}

const itemDelta: Change = (state, params, around) => withTurn(state, params.turnId, around.at, (turn) => written(turn, params.update));

/** What is being written as a read found it, in place of what was held of it: fragments before it may have been lost. */
function withWriting(state: State, writing: readonly unknown[], at: number | undefined): State {
  const quiet = state.turns.map((turn) => (turn.live.length === 0 ? turn : { ...turn, live: [] }));
  return writing.reduce((now: State, one) => {
    const { turnId, stream, text: whole, cut, ...rest } = fields(one);
    const words = cut === true ? `…${text(whole)}` : text(whole);
    return withTurn(now, text(turnId), at, (turn) => written(withCall(turn, text(stream), (call) => ({ ...call, live: "" })), { ...rest, stream, text: words }));
  }, { ...state, turns: quiet });
}

const itemCompleted: Change = (state, params, { roots, at }) => {
  const { item } = kindOf(params, "itemCompleted");
  const owner = turnOf(state.turns, { ...fields(item), turn: params.turnId ?? fields(item)["turn"] });
  const next = withTurn(state, owner, at, (turn) => takeItem(turn, item, roots));
  return fields(item)["kind"] === "plan" ? { ...next, plan: planSteps(fields(item)["steps"]) } : next;
};

const plan: Change = (state, params) => ({ ...state, plan: planSteps(kindOf(params, "plan").plan) });

const usage: Change = (state, params) => {
  const told = kindOf(params, "usage");
  const cost = fields(told.cost)["microUsd"] === undefined ? undefined : (told.cost as Cost);
  return withTurn(state, params.turnId, undefined, (turn) => ({
    ...turn,
    ...present<{ usage?: Usage; cost?: Cost }>({ usage: told.usage, cost }),
  }));
};

const task: Change = (state, params) => {
  const told = params.update as Task;
  const at = state.tasks.findIndex((one) => one.id === told.id);
  const tasks = at < 0 ? [...state.tasks, told] : state.tasks.with(at, told);
  const next = withTurn({ ...state, tasks }, params.turnId, undefined, (turn) =>
    withCall(turn, text(told.id), (call) => ({ ...call, detached: true })),
  );
  return told.state === "failed" ? say(next, `A task failed: ${text(told.line)}`) : next;
};

const changeSet: Change = (state, params) => {
  const told = kindOf(params, "changeSet");
  const known = ["committed", "failed", "undone"] as const;
  return withTurn(state, params.turnId, undefined, (turn) => {
    const at = turn.edits.findIndex((one) => one.id === told.id);
    const old = turn.edits[at];
    return old === undefined ? turn : { ...turn, edits: turn.edits.with(at, { ...old, state: oneOf(told.state, known, "committed") }) };
  });
};

const session: Change = (state, params) => {
  const told = kindOf(params, "session");
  const next = { ...state, choices: choices(state, told.settings) };
  if (state.session === undefined) return next;
  const changed: Session = { ...state.session, title: text(told.title), archived: told.archived === true };
  return { ...next, session: changed };
};

const notice: Change = (state, params, { at }) => {
  const { level, text: words } = kindOf(params, "notice");
  const id = params.turnId ?? state.turns.at(-1)?.id;
  const next = withTurn(state, id, at, (turn) => withNotice(turn, `u${params.seq}`, level, text(words)));
  return say(next, text(words));
};

const ENDS = { done: "done", failed: "failed", interrupted: "stopped", limited: "paused" } as const;

const turnCompleted: Change = (state, params, { at }) => {
  const { status, message } = kindOf(params, "turnCompleted");
  const known = oneOf(status, Object.keys(ENDS) as (keyof typeof ENDS)[], "done");
  const next = withTurn(state, params.turnId, at, (turn) => ({
    ...turn,
    live: [],
    // The item of the end, which came before, tells the same; where it is lost, this does.
    end: turn.end ?? { status: known, at, ...(text(message) !== "" && { message: text(message) }) },
  }));
  const { running, ...rest } = next;
  const over = running === undefined || running === params.turnId ? rest : next;
  return say(over, `${params.turnId ?? "Turn"} ${ENDS[known]}${text(message) === "" ? "" : `: ${text(message)}`}`);
};

const CHANGES: Readonly<Record<string, Change>> = {
  turnStarted,
  itemDelta,
  itemCompleted,
  plan,
  usage,
  task,
  changeSet,
  session,
  notice,
  turnCompleted,
  queue: (state, params) => {
    const told = kindOf(params, "queue");
    return queued(state, list(told.prompts), told.waits);
  },
};

/** How full the window of the model is: input tokens of the latest request. */
export function contextTokens(state: State): number {
  return state.turns.findLast((turn) => turn.context !== undefined)?.context ?? 0;
}

/** Tokens and costs of the turns that are shown. */
export function turnTokens(turn: Turn): { readonly input: number; readonly cached: number; readonly output: number } {
  const told = fields(turn.usage);
  return { input: inputTokens(told), cached: number(told["cacheRead"]), output: number(told["output"]) };
}
