// Updates of sessions in order and without gaps: what came twice is dropped, and what was lost is read again. Knows of the
// server only how a session is read. Pure but for that.

import type { ReadSessionResult, SessionUpdateParams } from "@protocol";
import { writingOf } from "../chat/writing";

/** Where updates come from and go to. */
export interface FeedEnds {
  /** Reads a session after an update (`glossator/session/read`). */
  read(sessionId: string, afterSeq: number): Promise<ReadSessionResult>;
  update(params: SessionUpdateParams): void;
  /** The session is to be shown anew: what lies between is not known any more. */
  reset(sessionId: string, read: ReadSessionResult): void;
  /** A gap could not be closed. */
  failed(sessionId: string, error: unknown): void;
}

interface Line {
  /** The last number that was passed on; undefined before the first. */
  seq?: number;
  /** What waits while the session is read. */
  held?: SessionUpdateParams[];
}

/** The updates of every session that this window is told of. */
export class Feed {
  private readonly lines = new Map<string, Line>();

  constructor(private readonly ends: FeedEnds) {}

  /** Takes an update as it came. */
  take(params: SessionUpdateParams): void {
    const line = this.line(params.sessionId);
    if (line.held) {
      line.held.push(params);
    } else if (line.seq === undefined || params.seq === line.seq + 1) {
      line.seq = params.seq;
      this.ends.update(params);
    } else if (params.seq > line.seq) {
      line.held = [params];
      void this.mend(params.sessionId, line, line.seq);
    }
  }

  /** Updates of a session wait until it was `opened`, or will not be. */
  hold(sessionId: string): void {
    this.line(sessionId).held ??= [];
  }

  /** A session was read: `seq` is the last number of what was read. What waited goes on behind it. */
  opened(sessionId: string, seq: number): void {
    const line: Line = { seq };
    const waiting = this.lines.get(sessionId)?.held ?? [];
    this.lines.set(sessionId, line);
    waiting.forEach((params) => this.take(params));
  }

  /** A session that was to be read was not: its updates go on as they come. */
  release(sessionId: string): void {
    const line = this.lines.get(sessionId);
    const waiting = line?.held ?? [];
    this.lines.delete(sessionId);
    waiting.forEach((params) => this.take(params));
  }

  /** The server is another one: its numbers begin anew. */
  clear(): void {
    this.lines.clear();
  }

  private line(sessionId: string): Line {
    const line = this.lines.get(sessionId) ?? {};
    this.lines.set(sessionId, line);
    return line;
  }

  private async mend(sessionId: string, line: Line, after: number): Promise<void> {
    const read = await this.ends.read(sessionId, after).catch((error: unknown) => {
      this.ends.failed(sessionId, error);
      return undefined;
    });
    // It was opened, or the server is another one, while it was read.
    if (this.lines.get(sessionId) !== line) {
      return;
    }
    if (!read) {
      this.release(sessionId);
      return;
    }
    if (read.updates) {
      read.updates.filter((params) => params.seq > after).forEach((params) => this.ends.update(params));
      // Fragments that were lost in the gap are in it.
      this.ends.update(writingOf(sessionId, read));
    } else {
      this.ends.reset(sessionId, read);
    }
    // Without a number to go on with it is whatever comes next.
    const seq = read.seq > 0 ? read.seq : undefined;
    const waiting = line.held ?? [];
    this.lines.set(sessionId, seq === undefined ? {} : { seq });
    waiting.forEach((params) => this.take(params));
  }
}
