// Diffs, line by line. Colour is never all that tells lines apart: each begins with its sign.

import { useApp } from "../app";
import type { DiffLine } from "../difflines";
import { head, plain } from "../shown";
import { memo } from "./parts";

/** Lines that are drawn. */
const CAP = 400;

const NAMES = { added: "added", removed: "removed", same: "", head: "" } as const;

/** The lines of a diff. */
export const DiffLines = memo(({ lines }: { readonly lines: readonly DiffLine[] }) => {
  const { actions } = useApp();
  const shown = lines.slice(0, CAP);
  const whole = (): string => lines.map((line) => line.text).join("\n");
  return (
    <>
      <code class="diff">
        {shown.map((line, at) => (
          <span key={at} class={`line ${line.kind}`} {...(NAMES[line.kind] !== "" && { "aria-label": `${NAMES[line.kind]}: ${line.text.slice(1, 300)}` })}>
            {plain(head(line.text, 2000).text) || " "}
          </span>
        ))}
      </code>
      {lines.length > CAP && (
        <button type="button" class="link" onClick={() => void actions.task({ type: "show", text: whole(), language: "diff" })}>
          {lines.length - CAP} more lines: open all of it
        </button>
      )}
    </>
  );
});
