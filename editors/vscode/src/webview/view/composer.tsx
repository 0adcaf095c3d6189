// The prompt: where one writes, with images and places that go along, completion, and what sends it.

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { DraftImage } from "../../chat/messages";
import { useApp, type App } from "../app";
import { mention } from "../completing";
import { imageProblem, input, places, recalled, selectionKey, TEXT, tooLong } from "../draft";
import { shortPath } from "../edits";
import { useStore } from "../store";
import { CompletionList, useCompletion } from "./completion";
import { Choices } from "./choices";
import { Icon } from "./icons";
import { IconButton } from "./parts";

const LIST = "completion";

/** Reads images and adds them; the first one that cannot go along is named. */
async function addImages(app: App, files: readonly File[]): Promise<void> {
  for (const file of files) {
    const problem = imageProblem(file, app.draft.value.images.length);
    if (problem !== "") return app.actions.fail(problem);
    const data = await base64(file);
    const image: DraftImage = { mediaType: file.type, data, name: file.name };
    app.draft.patch({ images: [...app.draft.value.images, image] });
  }
}

function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(new Error(`${file.name} could not be read.`));
    reader.readAsDataURL(file);
  });
}

/** Paths of files that were dragged here from the explorer. */
function dropped(data: DataTransfer, roots: readonly string[]): readonly string[] {
  const lines = (data.getData("text/uri-list") || data.getData("application/vnd.code.uri-list")).split(/\r?\n/);
  return lines.flatMap((line) => {
    try {
      const url = new URL(line.trim());
      // Files of a remote machine or a container have a scheme of their own; the path is the same.
      if (url.protocol !== "file:" && url.protocol !== "vscode-remote:") return [];
      return [shortPath(decodeURIComponent(url.pathname).replace(/^\/(?=[a-z]:)/i, ""), roots)];
    } catch {
      return [];
    }
  });
}

function nameOf({ mediaType, name, data }: DraftImage): string {
  return mediaType === TEXT ? `pasted text, ${data.length.toLocaleString()} characters` : name || "the image";
}

function Attached() {
  const app = useApp();
  const draft = useStore(app.draft, (value) => value);
  const selection = useStore(app.page, (page) => page.around.selection);
  const shown = places(draft, selection);
  if (shown.length === 0 && draft.images.length === 0) return null;
  const drop = (key: string, offered: boolean): void =>
    app.draft.patch(offered ? { without: key } : { places: draft.places.filter((place) => selectionKey(place) !== key) });
  return (
    <ul class="attached" aria-label="Goes along">
      {shown.map((place) => {
        const key = selectionKey(place);
        const name = place.path.split("/").at(-1) ?? place.path;
        const lines = place.lines[0] === place.lines[1] ? `:${place.lines[0]}` : `:${place.lines[0]}-${place.lines[1]}`;
        const label = name + (place.range.end.line === 0 && place.range.end.character === 0 ? "" : lines);
        return (
          <li key={key} class="chip" title={place.path}>
            <Icon name="file" />
            <span>{label}</span>
            <IconButton icon="close" name={`Leave out ${label}`} onClick={() => drop(key, !draft.places.includes(place))} />
          </li>
        );
      })}
      {draft.images.map((image, at) => (
        <li key={at} class={`chip${image.mediaType === TEXT ? "" : " image"}`} title={image.name}>
          {image.mediaType === TEXT ? (
            <button type="button" class="link" title="Show it in an editor" onClick={() => void app.actions.task({ type: "show", text: image.data, language: "plaintext" })}>
              {nameOf(image)}
            </button>
          ) : (
            <img src={`data:${image.mediaType};base64,${image.data}`} alt={image.name || "Image"} />
          )}
          <IconButton icon="close" name={`Leave out ${nameOf(image)}`} onClick={() => app.draft.patch({ images: app.draft.value.images.filter((one) => one !== image) })} />
        </li>
      ))}
    </ul>
  );
}

function Send() {
  const app = useApp();
  const draft = useStore(app.draft, (value) => value);
  const running = useStore(app.session, (state) => state.running);
  const sending = useStore(app.page, (page) => page.sending);
  const connected = useStore(app.page, (page) => page.around.connection.kind === "ready");
  const selection = useStore(app.page, (page) => page.around.selection);
  const empty = input(draft, selection).length === 0;
  const off = empty || !connected;
  return (
    <span class="tools">
      {running !== undefined && (
        <>
          <IconButton icon="stop" name={`Stop ${running}`} onClick={() => app.actions.stop()} />
          <IconButton icon="queue" name="Queue: send it when the turn has ended (Alt+Enter)" disabled={off} onClick={() => app.actions.send("queue")} />
        </>
      )}
      <IconButton
        icon={sending ? "running" : "send"}
        spin={sending}
        name={running === undefined ? "Send" : "Add it to the running turn"}
        primary
        disabled={off}
        onClick={() => app.actions.send("send")}
      />
    </span>
  );
}

/** The prompt. */
export function Composer() {
  const app = useApp();
  const words = useStore(app.draft, (draft) => draft.text);
  const focus = useStore(app.page, (page) => page.focus);
  const running = useStore(app.session, (state) => state.running);
  const area = useRef<HTMLTextAreaElement>(null);
  const cursor = useRef<number | undefined>(undefined);
  const back = useRef(-1);

  const write = (text: string, at: number): void => {
    cursor.current = at;
    app.draft.patch({ text });
    area.current?.focus();
  };
  const completion = useCompletion(() => area.current?.value ?? "", write);

  useLayoutEffect(() => {
    if (cursor.current === undefined) return;
    area.current?.setSelectionRange(cursor.current, cursor.current);
    cursor.current = undefined;
  });
  useEffect(() => {
    if (focus > 0) area.current?.focus();
  }, [focus]);

  /** Prompts of before, from the newest to the oldest. */
  const recall = (step: number): boolean => {
    const said = app.session.value.turns.flatMap((turn) => turn.blocks.flatMap((block) => (block.kind === "prompt" ? [recalled(block.parts)] : [])));
    const next = back.current + step;
    if (next < -1 || next >= said.length) return false;
    back.current = next;
    const text = next === -1 ? "" : (said.at(-1 - next) ?? "");
    write(text, text.length);
    return true;
  };
  const pressed = (event: KeyboardEvent): void => {
    // Keys of input methods are theirs alone; the first one after their end says so only by its old number.
    if (event.isComposing || event.keyCode === 229) return;
    if (completion.key(event)) return;
    const text = area.current?.value ?? "";
    const { enterSends, mac } = app.page.value.around;
    const command = mac ? event.metaKey : event.ctrlKey;
    if (event.key === "Enter" && !event.shiftKey && (event.altKey || command || enterSends)) {
      event.preventDefault();
      back.current = -1;
      completion.close();
      void app.actions.send(event.altKey ? "queue" : "send");
    } else if (event.key === "ArrowUp" && (text === "" || back.current >= 0) && area.current?.selectionStart === text.length) {
      if (recall(1)) event.preventDefault();
    } else if (event.key === "ArrowDown" && back.current >= 0 && area.current?.selectionEnd === text.length) {
      if (recall(-1)) event.preventDefault();
    }
  };
  const typed = (element: HTMLTextAreaElement): void => {
    back.current = -1;
    const before = app.draft.value.text;
    const long = tooLong(before, element.value);
    if (long !== undefined) {
      element.value = before;
      app.draft.patch({ images: [...app.draft.value.images, long] });
      return;
    }
    app.draft.patch({ text: element.value });
    completion.look(element.value, element.selectionStart);
  };
  const files = (event: ClipboardEvent | DragEvent, data: DataTransfer | null): void => {
    // Programs that copy words put a picture of them beside: it is the words that are meant.
    const pasted = event.type === "paste" ? (data?.getData("text/plain") ?? "") : "";
    const long = tooLong("", pasted);
    if (long !== undefined) {
      event.preventDefault();
      app.draft.patch({ images: [...app.draft.value.images, long] });
      return;
    }
    const images = pasted === "" ? [...(data?.files ?? [])] : [];
    const paths = event.type === "drop" && data !== null ? dropped(data, app.page.value.around.roots) : [];
    if (images.length === 0 && paths.length === 0) return;
    event.preventDefault();
    if (paths.length > 0) {
      const gap = words === "" || /\s$/.test(words) ? "" : " ";
      const text = `${words}${gap}${paths.map(mention).join(" ")} `;
      write(text, text.length);
    } else {
      void app.actions.attempt(() => addImages(app, images));
    }
  };
  const open = completion.items.length > 0;
  return (
    <div class="composer" onDragOver={(event) => event.preventDefault()} onDrop={(event) => files(event, event.dataTransfer)}>
      <CompletionList completion={completion} id={LIST} />
      <Attached />
      <textarea
        ref={area}
        rows={1}
        value={words}
        placeholder={running === undefined ? "Ask, or say what to do. @ names files, / runs commands" : "Add to the running turn"}
        aria-label="Prompt"
        role="combobox"
        aria-multiline="true"
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={LIST}
        {...(open && { "aria-activedescendant": `${LIST}-${completion.chosen}` })}
        spellcheck={false}
        dir="auto"
        onInput={(event) => typed(event.currentTarget)}
        onKeyDown={pressed}
        onBlur={completion.close}
        onPaste={(event) => files(event, event.clipboardData)}
      />
      <div class="composer-foot">
        <Choices />
        <Send />
      </div>
    </div>
  );
}
