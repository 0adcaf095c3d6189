// Keeps what is written for each session while another one is shown, and its words and images for the time after the page.
// Nothing is lost by switching, and what was sent is gone wherever it stood.

import { IMAGES, keptDraft, keptDrafts, NO_DRAFT, NO_SESSION, sent, type Draft } from "./draft";
import type { DraftImage, KeptDrafts } from "../chat/messages";
import { fields } from "./read";
import type { Store } from "./store";

/** Milliseconds after which what is written is kept. */
const KEEP = 400;

/** Where words are kept for the next page. */
export interface Keeper {
  keep(drafts: KeptDrafts): void;
  keepImages(session: string, images: readonly DraftImage[]): void;
}

/** The drafts of all sessions; that of the one that is shown is in the store. */
export class Drafts {
  private readonly others = new Map<string, Draft>();
  private session = NO_SESSION;
  private kept: KeptDrafts = {};
  /** Images of sessions that are not shown, as they are kept. */
  private keptImages: unknown = {};
  /** The images that are kept, by their sessions. */
  private readonly images = new Map<string, readonly DraftImage[]>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly keeper: Keeper,
    private readonly shown: Store<Draft>,
  ) {
    shown.subscribe(() => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.keep(this.session, this.shown.value), KEEP);
    });
  }

  /** What was kept the last time; what is written already stays. */
  restore(kept: unknown, images: unknown = {}): void {
    this.keptImages = images;
    this.kept = keptDrafts(kept, this.session, this.shown.value.text || keptDraft(kept, this.session).text);
    const own = this.of(this.session);
    if (this.shown.value === NO_DRAFT) this.shown.set(own);
    else if (own.images.length > 0) this.shown.patch({ images: [...own.images, ...this.shown.value.images].slice(0, IMAGES) });
  }

  /** Another session is shown. */
  move(to: string): void {
    const from = this.session;
    if (to === from) return;
    const written = this.shown.value;
    this.session = to;
    const own = this.of(to);
    // What was written before there was a session belongs to the one that it began.
    const moves = from === NO_SESSION && own === NO_DRAFT;
    this.others.delete(to);
    if (moves) this.keep(NO_SESSION, NO_DRAFT);
    else {
      this.others.set(from, written);
      this.keep(from, written);
    }
    this.shown.set(moves ? written : own);
  }

  /** The session that is shown; empty where there is none. */
  get current(): string {
    return this.session;
  }

  /** What was written for a session was sent. */
  sent(session: string, what: Draft): void {
    this.change(session === NO_SESSION ? this.session : session, (draft) => sent(draft, what));
  }

  /** Changes what is written for a session, whichever is shown. */
  change(session: string, change: (draft: Draft) => Draft): void {
    if (session === this.session) {
      this.shown.set(change(this.shown.value));
      return;
    }
    const draft = change(this.of(session));
    this.others.set(session, draft);
    this.keep(session, draft);
  }

  private of(session: string): Draft {
    const draft = this.others.get(session) ?? keptDraft(this.kept, session, this.keptImages);
    if (!this.images.has(session)) this.images.set(session, draft.images);
    return draft;
  }

  private keep(session: string, draft: Draft): void {
    this.kept = keptDrafts(this.kept, session, draft.text);
    this.keeper.keep(this.kept);
    // They are large: told only when they are others.
    if (draft.images === (this.images.get(session) ?? NO_DRAFT.images)) return;
    this.images.set(session, draft.images);
    this.keptImages = { ...fields(this.keptImages), [session]: draft.images };
    this.keeper.keepImages(session, draft.images);
  }
}
