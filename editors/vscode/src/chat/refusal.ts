// Why no turn could begin, as the server says it: no model is chosen, or its provider wants a key. Pure; known to both sides.

/** What helps. */
export type Help = "signIn" | "model";

/** What the buttons are called that do it. */
export const HELPS: Readonly<Record<Help, string>> = { signIn: "Sign In…", model: "Choose Model…" };

/** A refusal, in words for people. */
export interface Refusal {
  readonly text: string;
  /** What helps; the best first. */
  readonly helps: readonly Help[];
  /** The provider that wants a key. */
  readonly provider?: string;
}

/** The data of an error as a refusal; undefined where it is another error. */
export function refusal(data: unknown): Refusal | undefined {
  const { kind, message, provider, signIn } = (typeof data === "object" && data !== null ? data : {}) as Record<string, unknown>;
  if ((kind !== "noModel" && kind !== "noKey") || typeof message !== "string" || message === "") return undefined;
  const { providers } = (typeof signIn === "object" && signIn !== null ? signIn : {}) as { providers?: unknown };
  const known: readonly unknown[] = Array.isArray(providers) ? providers : [];
  // Without any key there are no models to choose from but those of this machine.
  const isReady = known.some((one) => (one as { ready?: unknown } | null)?.ready === true);
  return {
    text: message,
    helps: kind === "noModel" && isReady ? ["model", "signIn"] : ["signIn", "model"],
    ...(typeof provider === "string" && provider !== "" && { provider }),
  };
}
