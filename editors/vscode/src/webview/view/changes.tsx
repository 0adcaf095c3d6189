// The edits of a turn: files with what came and went, hunks that wait for a decision, and what can be done with all of them.

import { fileEdits, isOpen, type FileEdits } from "../edits";
import { plural } from "../format";
import type { Edits, TurnHunk } from "../model";
import { replacement } from "../difflines";
import { plain } from "../shown";
import { useApp } from "../app";
import { DiffLines } from "./diff";
import { Icon } from "./icons";
import { Button, Fold, IconButton, Link, memo } from "./parts";

const STATES = {
  pending: "to decide",
  amended: "changed since, to decide",
  undone: "undone",
  kept: "kept",
  rejected: "rejected",
  merged: "in a later edit",
} as const;

const PARTS = { lines: "", create: "new", delete: "deleted", move: "moved" } as const;

function Counts({ added, removed }: { readonly added: number; readonly removed: number }) {
  if (added === 0 && removed === 0) return null;
  return (
    <span class="counts">
      <span class="plus" aria-label={`${plural(added, "line")} added`}>
        +{added}
      </span>
      <span class="minus" aria-label={`${plural(removed, "line")} removed`}>
        −{removed}
      </span>
    </span>
  );
}

function HunkView({ hunk, turnId }: { readonly hunk: TurnHunk; readonly turnId: string }) {
  const { actions } = useApp();
  const place = hunk.line === undefined ? hunk.path : `${hunk.path}#L${hunk.line}`;
  return (
    <div class={`hunk ${hunk.state}`}>
      <div class="hunk-head">
        <Link href={place}>{hunk.line === undefined ? hunk.id : `Line ${hunk.line}`}</Link>
        <span class="state">{STATES[hunk.state]}</span>
        {isOpen(hunk) && (
          <span class="tools">
            <IconButton icon="check" name={`Keep ${hunk.id}`} onClick={() => actions.resolve(turnId, [hunk.id], "keep")} />
            <IconButton icon="close" name={`Reject ${hunk.id}`} onClick={() => actions.resolve(turnId, [hunk.id], "reject")} />
          </span>
        )}
      </div>
      <pre class="output" tabIndex={0} aria-label={`${hunk.id}, ${STATES[hunk.state]}`}>
        <DiffLines lines={replacement(hunk.base, hunk.proposed)} />
      </pre>
    </div>
  );
}

const FileView = memo(({ file, turnId }: { readonly file: FileEdits; readonly turnId: string }) => {
  const { actions } = useApp();
  const slash = file.path.lastIndexOf("/") + 1;
  return (
    <Fold
      class="edited"
      onToggle={(open) => open && void actions.readHunks(turnId)}
      summary={
        <>
          <Icon name="file" />
          <span class="name" title={file.path}>
            {plain(file.path.slice(slash))}
          </span>
          <span class="folder">{plain(file.path.slice(0, Math.max(0, slash - 1)))}</span>
          {PARTS[file.part] !== "" && <span class="tag">{PARTS[file.part]}</span>}
          {file.open === 0 && <span class="tag quiet">{decided(file)}</span>}
          <Counts added={file.added} removed={file.removed} />
        </>
      }
    >
      {() => file.hunks.map((hunk) => <HunkView key={hunk.id} hunk={hunk} turnId={turnId} />)}
    </Fold>
  );
});

/** The state of a file of which nothing waits any more. */
function decided(file: FileEdits): string {
  const states = new Set(file.hunks.map((hunk) => hunk.state));
  const [only] = states;
  return states.size === 1 && only !== undefined ? STATES[only] : "decided";
}

/** All edits of a turn. */
export const ChangesView = memo(({ id, edits, ended }: { readonly id: string; readonly edits: readonly Edits[]; readonly ended: boolean }) => {
  const { actions, session } = useApp();
  const files = fileEdits(edits);
  const failed = edits.filter((set) => set.state === "failed");
  if (files.length === 0 && failed.length === 0) return null;
  const open = files.reduce((sum, file) => sum + file.open, 0);
  const sum = files.reduce((all, file) => ({ added: all.added + file.added, removed: all.removed + file.removed }), { added: 0, removed: 0 });
  const stands = files.some((file) => file.hunks.some((hunk) => isOpen(hunk) || hunk.state === "kept"));
  const undone = !stands && files.some((file) => file.hunks.some((hunk) => hunk.state === "undone"));
  const argument = { turnId: id, sessionId: session.value.session?.id };
  const ids = (): string[] => files.flatMap((file) => file.hunks.filter(isOpen).map((hunk) => hunk.id));
  return (
    <section class="changes" aria-label={`Edits of ${id}`}>
      {files.length > 0 && (
        <div class="changes-head">
          <Icon name="edits" />
          <span class="verb">{plural(files.length, "file")} changed</span>
          <Counts {...sum} />
          {open > 0 && <span class="about">{plural(open, "hunk")} to decide</span>}
        </div>
      )}
      {files.map((file) => (
        <FileView key={file.path} file={file} turnId={id} />
      ))}
      {failed.map((set) => (
        <div key={set.id} class="notice error">
          <Icon name="error" />
          <span>
            {set.id} was not made: {plain(set.message ?? "")}
          </span>
        </div>
      ))}
      {files.length > 0 && (
        <div class="buttons">
          <Button icon="diff" onClick={() => actions.command("glossator.review", argument)}>
            Review
          </Button>
          {open > 0 && (
            <>
              <Button icon="check" kind="primary" onClick={() => actions.resolve(id, ids(), "keep")}>
                Keep all
              </Button>
              <Button icon="close" onClick={() => actions.resolve(id, ids(), "reject")}>
                Reject all
              </Button>
            </>
          )}
          {stands && ended && (
            <Button icon="undo" kind="quiet" onClick={() => actions.undo(id, false)}>
              Undo turn
            </Button>
          )}
          {undone && (
            <Button icon="redo" kind="quiet" onClick={() => actions.undo(id, true)}>
              Redo turn
            </Button>
          )}
        </div>
      )}
    </section>
  );
});
