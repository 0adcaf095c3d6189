// What is being written, as a read behind a gap found it: it goes the way of updates, so that it stays in its place among them.
// Pure; known to both sides.

import type { ReadSessionResult, SessionUpdateParams } from "@protocol";

/** In place of an update. */
export interface WritingParams extends Pick<SessionUpdateParams, "sessionId" | "seq"> {
  readonly update: { readonly kind: "writing"; readonly writing: readonly unknown[] };
}

/** What a read found, behind the updates that it brought. */
export function writingOf(sessionId: string, read: ReadSessionResult): SessionUpdateParams {
  const params: WritingParams = { sessionId, seq: read.seq, update: { kind: "writing", writing: read.writing ?? [] } };
  return params as unknown as SessionUpdateParams;
}

/** What was found, if that is what it is. */
export function writingIn(params: SessionUpdateParams): readonly unknown[] | undefined {
  const update = params.update as unknown as Partial<WritingParams["update"]> | undefined;
  return update?.kind === "writing" && Array.isArray(update.writing) ? update.writing : undefined;
}
