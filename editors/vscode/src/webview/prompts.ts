// What the user sent, from the log's form and from the form of requests to the one that is shown.

import type { Input } from "@protocol";
import { fields, list, number, text } from "./read";
import type { PromptPart } from "./model";

/** Images that may be shown: anything else in an image's place is left out. */
export const IMAGE_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;

/** First and last line of a range, from 1; one that ends before a line's first character ends with the line above. */
export function linesOf(range: unknown): readonly [number, number] | undefined {
  const { start, end } = fields(range);
  if (start === undefined || end === undefined) return undefined;
  const [from, to] = [fields(start), fields(end)];
  const last = number(to["line"]) - (number(to["character"]) === 0 && number(to["line"]) > number(from["line"]) ? 1 : 0);
  return [number(from["line"]) + 1, last + 1];
}

function part(value: unknown): PromptPart | undefined {
  const one = fields(value);
  switch (one["kind"]) {
    case "text":
      return { kind: "text", text: text(one["text"]) };
    case "mention": {
      const place = linesOf(one["range"]);
      return { kind: "mention", uri: text(one["uri"]), ...(place && { lines: place }) };
    }
    case "image": {
      // In logs the image is an object of its own, in requests its fields stand beside the others.
      const image = one["image"] === undefined ? one : fields(one["image"]);
      const mediaType = text(image["mediaType"] ?? image["media_type"]);
      if (!IMAGE_TYPES.includes(mediaType as (typeof IMAGE_TYPES)[number])) return undefined;
      const data = text(image["data"]);
      return /^[A-Za-z0-9+/]+={0,2}$/.test(data) ? { kind: "image", mediaType, data, name: text(one["name"]) } : undefined;
    }
    default:
      return undefined;
  }
}

/** The parts that can be shown. */
export function promptParts(input: unknown): readonly PromptPart[] {
  return list(input).flatMap((one) => part(one) ?? []);
}

/** The words of a prompt. */
export function promptText(parts: readonly PromptPart[]): string {
  return parts.flatMap((one) => (one.kind === "text" ? [one.text] : [])).join("\n");
}

/** The parts as they are sent. Of places whole lines are known. */
export function saidAgain(parts: readonly PromptPart[]): Input[] {
  return parts.map((one): Input => {
    if (one.kind !== "mention") return one;
    const { uri, lines: place } = one;
    const range = place && { start: { line: place[0] - 1, character: 0 }, end: { line: place[1], character: 0 } };
    return { kind: "mention", uri, ...(range && { range }) };
  });
}
