// How the session of this window stands, as far as the status bar tells it: what runs, what it does, what was used. Pure: it
// takes in updates and says whether something of it changed.

import type {
  Cost,
  Item,
  ReadSessionResult,
  Session,
  SessionLeft,
  SessionSettings,
  SessionUpdateParams,
  TurnStatus,
  Usage,
} from "@protocol";

/** How it stands. */
export interface Standing {
  readonly session?: Session;
  /** What its next turn is run with. */
  readonly settings?: SessionSettings;
  /** The turn that runs. */
  readonly running?: string;
  /** What it does, in a few words. */
  readonly activity?: string;
  /** How the latest turn ended that was seen to. */
  readonly ended?: TurnStatus;
  /** Tasks that run, by id: what they do. */
  readonly tasks: ReadonlyMap<string, string>;
  /** Prompts that wait. */
  readonly queued: number;
  /** Of the latest turn. */
  readonly usage?: Usage;
  readonly cost?: Cost;
}

/** Nothing is known. */
export const NOTHING: Standing = { tasks: new Map(), queued: 0 };

/** A session was read, with how it was left where that is known. */
export function opened(read: ReadSessionResult, left?: SessionLeft): Standing {
  return {
    session: read.session,
    tasks: new Map((left?.runningTasks ?? []).map((task) => [task.id, task.line])),
    queued: read.queued?.length ?? 0,
    ...(read.settings ? { settings: read.settings } : {}),
    ...(read.running === undefined ? {} : { running: read.running }),
  };
}

/** Something happened in the session; gives the same object where nothing of it changed. */
export function updated(standing: Standing, { turnId, update }: SessionUpdateParams): Standing {
  switch (update.kind) {
    case "turnStarted": {
      const { ended: _, usage: __, cost: ___, ...rest } = standing;
      return { ...rest, activity: "thinking", ...(turnId === undefined ? {} : { running: turnId }) };
    }
    case "turnCompleted": {
      const { running, activity: _, ...rest } = standing;
      // One that was compacted or undone meanwhile is not the one that runs.
      return running === undefined || running === turnId ? { ...rest, ended: update.status } : standing;
    }
    case "itemStarted":
      return doing(standing, update.item.title ?? WORDS[update.item.kind]);
    case "itemCompleted":
      return doing(standing, begun(update.item));
    case "notice": {
      // A provider that has too much to do: the turn does nothing else until then.
      const retry = /Retrying \d+\/\d+ in [\d.]+ s/.exec(update.text)?.[0];
      return retry === undefined ? standing : doing(standing, `waits: ${retry.toLowerCase()}`);
    }
    case "usage":
      return { ...standing, usage: update.usage, ...(update.cost ? { cost: update.cost } : {}) };
    case "task": {
      const tasks = new Map(standing.tasks);
      const changed = update.state === "running" ? tasks.set(update.id, update.line) : tasks.delete(update.id);
      return changed ? { ...standing, tasks } : standing;
    }
    case "queue":
      return { ...standing, queued: update.prompts.length };
    case "session":
      return {
        ...standing,
        ...(standing.session ? { session: { ...standing.session, title: update.title, archived: update.archived } } : {}),
        ...(update.settings ? { settings: update.settings } : {}),
      };
    default:
      return standing;
  }
}

const WORDS: Record<string, string> = {
  toolCall: "calls a tool",
  script: "writes a script",
  reasoning: "thinking",
  answer: "answers",
};

/** What an item of the log begins, in words; a call is recorded when it begins, its output when it has ended. */
function begun(item: Item): string | undefined {
  if (item.kind === "script") {
    return "runs a script";
  }
  if (item.kind === "scriptOutput") {
    return "thinking";
  }
  const { name, arguments: given } = ((item as { call?: unknown }).call ?? {}) as { name?: unknown; arguments?: { command?: unknown } };
  if (item.kind !== "toolCall" || typeof name !== "string") {
    return undefined;
  }
  const command = name === "exec" && Array.isArray(given?.command) ? given.command.join(" ") : "";
  return command === "" ? `calls ${name}` : `runs ${command}`;
}

function doing(standing: Standing, activity: string | undefined): Standing {
  return standing.running === undefined || activity === undefined || activity === standing.activity
    ? standing
    : { ...standing, activity };
}
