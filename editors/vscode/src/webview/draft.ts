// What is being written: words, images, places pointed at. Kept for each session, so that nothing is lost by looking at
// another one; words and images also when the page goes. Pure.

import type { Input } from "@protocol";
import type { DraftImage, KeptDrafts, Selection } from "../chat/messages";
import { fields, list, text } from "./read";
import { shortPath } from "./edits";
import type { PromptPart } from "./model";
import { IMAGE_TYPES, linesOf, promptParts } from "./prompts";

/** What is being written for one session. */
export interface Draft {
  readonly text: string;
  readonly images: readonly DraftImage[];
  /** Places that go along, beside what is selected. */
  readonly places: readonly Selection[];
  /** The selection that was taken off; another one is offered again. */
  readonly without: string;
}

/** Nothing written. */
export const NO_DRAFT: Draft = { text: "", images: [], places: [], without: "" };

/** The key of what is written while there is no session. */
export const NO_SESSION = "";

/** Drafts that are kept. */
const KEPT = 40;

/** Characters that come at once from which on they lie beside the prompt: browsers take seconds to lay out a long line anew. */
const LONG = 12_000;

/** What words are that lie beside the prompt. */
export const TEXT = "text/plain";

/** Bytes that an image may have at most, as the protocol says. */
export const IMAGE_CAP = 5 * 1024 * 1024;

/** Images that a prompt may have at most. */
export const IMAGES = 10;

/** What tells one selection from another. */
export function selectionKey(selection: Selection): string {
  const { start, end } = selection.range;
  return `${selection.uri}#${start.line}:${start.character}-${end.line}:${end.character}`;
}

/** What is sent: the words, the places, the images. Empty: there is nothing to send. */
export function input(draft: Draft, selection: Selection | null): Input[] {
  const parts: Input[] = [];
  if (draft.text.trim() !== "") parts.push({ kind: "text", text: draft.text.trim() });
  for (const place of places(draft, selection)) {
    const whole = place.lines[0] === 1 && place.range.end.line === 0 && place.range.end.character === 0;
    parts.push({ kind: "mention", uri: place.uri, ...(!whole && { range: place.range }) });
  }
  for (const { mediaType, data, name } of draft.images) {
    parts.push(mediaType === TEXT ? { kind: "text", text: data } : { kind: "image", mediaType, data, name });
  }
  // A place alone asks nothing.
  return parts.some((part) => part.kind !== "mention") ? parts : [];
}

/** The places that go along. */
export function places(draft: Draft, selection: Selection | null): readonly Selection[] {
  const known = draft.places.map(selectionKey);
  const offered = selection !== null && selectionKey(selection) !== draft.without && !known.includes(selectionKey(selection));
  return offered ? [...draft.places, selection] : draft.places;
}

/** Words that came at once and are too many for the prompt, which stays as it was; undefined for others. */
export function tooLong(before: string, after: string): DraftImage | undefined {
  if (after.length - before.length < LONG) return undefined;
  let head = 0;
  while (head < before.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < before.length - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return { mediaType: TEXT, data: after.slice(head, after.length - tail), name: "" };
}

/** The draft after it was sent: what was written meanwhile stays. */
export function sent(now: Draft, what: Draft): Draft {
  const gone = what.places.map(selectionKey);
  const images = now.images.filter((image) => !what.images.includes(image));
  const places = now.places.filter((place) => !gone.includes(selectionKey(place)));
  return { ...now, images, places, text: now.text.startsWith(what.text) ? now.text.slice(what.text.length) : now.text };
}

/** A text put behind what is written. */
export function appended(draft: Draft, more: string): Draft {
  if (more === "") return draft;
  const gap = draft.text === "" || /\s$/.test(draft.text) ? "" : "\n\n";
  return { ...draft, text: draft.text + gap + more };
}

/** A prompt that was taken back, to be written on: whole, with what went along. */
export function takenBack(draft: Draft, parts: readonly Input[], roots: readonly string[]): Draft {
  const words = parts.flatMap((part) => (part.kind === "text" && part.text.length < LONG ? [part.text] : [])).join("\n");
  const images = parts.flatMap((part): DraftImage[] => {
    if (part.kind === "text") return part.text.length < LONG ? [] : [{ mediaType: TEXT, data: part.text, name: "" }];
    return part.kind === "image" ? [{ mediaType: part.mediaType, data: part.data, name: part.name ?? "" }] : [];
  });
  const known = draft.places.map(selectionKey);
  const more = parts.flatMap((part) => (part.kind === "mention" ? [place(part, roots)] : []));
  const next = appended(draft, words);
  return {
    ...next,
    images: [...next.images, ...images],
    places: [...next.places, ...more.filter((one) => !known.includes(selectionKey(one)))],
  };
}

/** A place as it is pointed at, of what was sent. */
function place({ uri, range }: Extract<Input, { kind: "mention" }>, roots: readonly string[]): Selection {
  const nowhere = { line: 0, character: 0 };
  return { uri, path: shortPath(pathOf(uri), roots), range: range ?? { start: nowhere, end: nowhere }, lines: linesOf(range) ?? [1, 1] };
}

function pathOf(uri: string): string {
  try {
    return decodeURIComponent(new URL(uri).pathname).replace(/^\/(?=[a-z]:)/i, "");
  } catch {
    return uri;
  }
}

/** The words of a prompt of before, to be sent again; what lay beside them does not come along. */
export function recalled(parts: readonly PromptPart[]): string {
  const words = parts.find((part) => part.kind === "text")?.text ?? "";
  return words.slice(0, LONG).replace(/[\ud800-\udbff]$/, "");
}

/** Why an image cannot go along; nothing if it can. */
export function imageProblem(file: { readonly type: string; readonly size: number; readonly name: string }, count: number): string {
  const name = file.name === "" ? "The image" : `“${file.name}”`;
  if (!IMAGE_TYPES.includes(file.type as (typeof IMAGE_TYPES)[number])) return `${name} is no PNG, JPEG, GIF or WebP image.`;
  if (file.size > IMAGE_CAP) return `${name} has ${(file.size / 1024 / 1024).toFixed(1)} MB; images may have 5 MB at most.`;
  return count >= IMAGES ? `At most ${IMAGES} images go with one prompt.` : "";
}

/** The words of all drafts, as they are kept: newest last. */
export function keptDrafts(old: unknown, session: string, words: string): KeptDrafts {
  const rest = Object.entries(fields(old)).filter(([id, value]) => id !== session && text(value) !== "");
  const all = words.trim() === "" ? rest : [...rest, [session, words] as const];
  return Object.fromEntries(all.slice(-KEPT)) as KeptDrafts;
}

/** What was kept for a session. */
export function keptDraft(kept: unknown, session: string, images: unknown = {}): Draft {
  const [words, pictures] = [fields(kept), fields(images)].map((all) => (Object.hasOwn(all, session) ? all[session] : undefined));
  const shown = list(pictures).flatMap((one): DraftImage[] => {
    const { mediaType, data } = fields(one);
    if (mediaType === TEXT && typeof data === "string") return [{ mediaType, data, name: "" }];
    const [part] = promptParts([{ ...fields(one), kind: "image" }]);
    return part?.kind === "image" ? [{ mediaType: part.mediaType, data: part.data, name: part.name }] : [];
  });
  return words === undefined && shown.length === 0 ? NO_DRAFT : { ...NO_DRAFT, text: text(words), images: shown.slice(0, IMAGES) };
}
