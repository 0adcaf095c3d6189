// The turns, oldest first. Stays at the end while it is there, and where it was while it is not; older turns are read as
// their place comes near.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useApp } from "../app";
import { useStore } from "../store";
import { Icon } from "./icons";
import { TurnView } from "./turn";

/** Pixels from the end within which it counts as there. */
const NEAR = 32;

/** Pixels from the top within which older turns are read. */
const AHEAD = 500;

/** Keeps what is seen in its place: the end while it is there, else the first turn that is seen. */
function usePlace(first: string | undefined) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const fromEnd = useRef(0);
  const top = useRef(0);
  const [away, setAway] = useState(false);

  const toEnd = (): void => {
    atEnd.current = true;
    setAway(false);
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  };
  const look = (): void => {
    const element = scroller.current;
    if (element === null) return;
    fromEnd.current = element.scrollHeight - element.scrollTop;
    // Whoever leaves the end goes up. What is merely far from it, because more came in, will be taken along.
    const near = fromEnd.current - element.clientHeight < NEAR;
    if (near || element.scrollTop < top.current) atEnd.current = near;
    top.current = element.scrollTop;
    setAway(!atEnd.current);
  };
  useEffect(() => {
    const follow = new ResizeObserver(() => {
      if (atEnd.current) scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
    });
    if (content.current !== null) follow.observe(content.current);
    if (scroller.current !== null) follow.observe(scroller.current);
    return () => follow.disconnect();
  }, []);
  // What came in above moves nothing of what is seen.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && !atEnd.current) element.scrollTop = element.scrollHeight - fromEnd.current;
  }, [first]);
  const toTurn = (turnId: string): void => {
    const turn = content.current?.querySelector(`[data-turn="${CSS.escape(turnId)}"]`);
    if (turn === null || turn === undefined) return;
    atEnd.current = false;
    turn.scrollIntoView({ block: "start" });
  };
  return { scroller, content, away, toEnd, toTurn, look };
}

/** The transcript of the session. */
export function Transcript() {
  const app = useApp();
  const turns = useStore(app.session, (state) => state.turns);
  const more = useStore(app.session, (state) => state.more);
  const running = useStore(app.session, (state) => state.running);
  const id = useStore(app.session, (state) => state.session?.id);
  const loading = useStore(app.page, (page) => page.loading);
  const { scroller, content, away, toEnd, toTurn, look } = usePlace(turns[0]?.id);

  const wanted = useStore(app.page, (page) => page.wanted);

  useLayoutEffect(toEnd, [id]);
  useEffect(() => {
    if (wanted !== null) toTurn(wanted.turnId);
  }, [wanted]);
  // One's own prompt is seen when it is there.
  useLayoutEffect(() => {
    if (turns.at(-1)?.id === running) toEnd();
  }, [turns.at(-1)?.id]);

  const scrolled = (): void => {
    look();
    if (more && !loading && (scroller.current?.scrollTop ?? AHEAD) < AHEAD) void app.actions.older();
  };
  return (
    <div class="transcript-frame">
      <div class="transcript" ref={scroller} onScroll={scrolled} role="region" aria-label="Transcript" tabIndex={0} aria-busy={running !== undefined}>
        <div class="turns" ref={content}>
          {more && (
            <button type="button" class="button quiet older" disabled={loading} onClick={() => void app.actions.older()}>
              {loading ? <Icon name="running" spin /> : <Icon name="history" />}
              <span>{loading ? "Reading older turns" : "Older turns"}</span>
            </button>
          )}
          {turns.map((turn) => (
            <TurnView key={turn.id} turn={turn} running={turn.id === running} />
          ))}
        </div>
      </div>
      {away && (
        <button type="button" class="to-end" onClick={toEnd} title="To the end" aria-label="To the end of the transcript">
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}
