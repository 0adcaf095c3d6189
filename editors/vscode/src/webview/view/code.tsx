// A block of code in an answer, with what can be done with it: copy, insert at the cursor, apply as a change to be reviewed.

import { useState } from "preact/hooks";
import { useApp } from "../app";
import { head, plain } from "../shown";
import { diffLines } from "../difflines";
import { pieces } from "../highlight";
import { DiffLines } from "./diff";
import { IconButton, memo } from "./parts";

/** Characters of a block that are drawn. */
const CAP = 60_000;

/** Languages that are shown as a diff. */
const DIFFS = ["diff", "patch"];

/** Copies a text, and says so for a moment. */
export function CopyButton({ text, name }: { readonly text: string; readonly name: string }) {
  const { actions } = useApp();
  const [done, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    if (!(await actions.task({ type: "copy", text }))) return;
    setDone(true);
    window.setTimeout(() => setDone(false), 1500);
  };
  return <IconButton icon={done ? "check" : "copy"} name={done ? "Copied" : name} onClick={copy} />;
}

/** Code in colours; the words of it stay one text for whoever selects or reads it. */
const Coloured = memo(({ code, language }: { readonly code: string; readonly language: string }) => (
  <code>{pieces(code, language).map(({ look, text }, at) => (look === "" ? text : <span key={at} class={`look-${look}`}>{text}</span>))}</code>
));

/** A block of code. */
export const CodeBlock = memo(({ info, text }: { readonly info: string; readonly text: string }) => {
  const { actions, session } = useApp();
  const code = text.replace(/\n$/, "");
  const cut = head(plain(code), CAP);
  const [language = "", ...rest] = info.split(/\s+/);
  const apply = (): void => {
    const sessionId = session.value.session?.id;
    void actions.command("glossator.applyBlock", { text: code, info, ...(sessionId !== undefined && { sessionId }) });
  };
  return (
    <figure class="code" aria-label={language === "" ? "Code" : `Code, ${language}`}>
      <figcaption>
        <span class="language">{[language, ...rest].join(" ").slice(0, 120) || "text"}</span>
        <span class="tools">
          <CopyButton text={code} name="Copy code" />
          <IconButton icon="insert" name="Insert at the cursor" onClick={() => actions.task({ type: "insert", text: code })} />
          <IconButton icon="apply" name="Apply to the file it is for, to be reviewed" onClick={apply} />
        </span>
      </figcaption>
      <pre tabIndex={0}>
        {DIFFS.includes(language) ? <DiffLines lines={diffLines(cut.text)} /> : <Coloured code={cut.text} language={language} />}
      </pre>
      {cut.left > 0 && (
        <button type="button" class="link" onClick={() => void actions.task({ type: "show", text: code, language })}>
          {cut.left.toLocaleString()} more characters: open all of it
        </button>
      )}
    </figure>
  );
});
