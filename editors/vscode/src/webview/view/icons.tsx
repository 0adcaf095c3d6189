// The icons of the page, drawn as lines in the colour of the text around them. They say nothing themselves: whoever shows one
// gives it a name, or words beside it.

const PATHS = {
  send: "M8 13V3.5M3.8 7.7 8 3.5l4.2 4.2",
  stop: "M4.5 4.5h7v7h-7z",
  queue: "M2.5 4h9M2.5 7.5h6M2.5 11h4M11.5 8.5v5M9 11h5",
  add: "M8 3v10M3 8h10",
  history: "M2.9 5.2A5.6 5.6 0 1 1 2.4 8M2.6 2.6v2.8h2.8M8 5v3.2l2.2 1.4",
  right: "M6 3.8 10.2 8 6 12.2",
  down: "M3.8 6 8 10.2 12.2 6",
  left: "M10 3.8 5.8 8l4.2 4.2",
  check: "M3 8.6 6.4 12 13 4.6",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  insert: "M13.5 2.5v4.7a2 2 0 0 1-2 2h-8M6.3 6.2 3.3 9.2l3 3",
  apply: "M2.5 2.5h7l4 4v7h-11zM5.4 8.6l2 2 3.4-3.8",
  fork: "M4.5 5.5v5M4.5 7.5h4a3 3 0 0 0 3-2M4.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM11.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM4.5 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Z",
  undo: "M5.8 2.9 2.8 6l3 3.1M3 6h6.3a3.6 3.6 0 0 1 0 7.2H6.5",
  redo: "M10.2 2.9l3 3.1-3 3.1M13 6H6.7a3.6 3.6 0 0 0 0 7.2h2.8",
  layers: "M8 2.2 14 5.4 8 8.6 2 5.4zM2.4 8.2 8 11.2l5.6-3M2.4 10.9 8 13.9l5.6-3",
  edit: "M10.8 2.7l2.5 2.5-7.8 7.8-3.2.7.7-3.2z",
  trash: "M2.5 4.2h11M6 4V2.5h4V4M4 4.5l.6 9h6.8l.6-9M6.7 7v4M9.3 7v4",
  archive: "M2.3 3h11.4v3H2.3zM3.3 6v7.2h9.4V6M6.3 8.7h3.4",
  unarchive: "M2.3 3h11.4v3H2.3zM3.3 6v7.2h9.4V6M8 12V8.2M6.2 9.9 8 8.1l1.8 1.8",
  export: "M8 9.8V2.6M5 5.4l3-3 3 3M2.8 9.5v3.9h10.4V9.5",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.4 10.4 13.8 13.8",
  file: "M3.5 1.8h6l3 3v9.4h-9zM9.3 2v3h3",
  folder: "M1.9 3.4h4.3l1.5 1.8h6.4v7.6H1.9z",
  symbol: "M8 1.9l5.4 3v6.2L8 14.1l-5.4-3V4.9zM2.8 5 8 7.9 13.2 5M8 7.9V14",
  terminal: "M2 3h12v10H2zM4.5 6l2 2-2 2M8.2 10.2h3",
  image: "M2 3h12v10H2zM2.2 11.2l3.3-3.4 2.7 2.7 2-2 3.6 3.4M10.6 6.3h.1",
  ask: "M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12ZM6.2 6.3A1.8 1.8 0 1 1 8 8.2v1M8 11.4h.01",
  warning: "M8 2.2 14.4 13.4H1.6zM8 6.4v3.4M8 11.6h.01",
  error: "M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12ZM6 6l4 4M10 6l-4 4",
  info: "M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12ZM8 7.4v3.8M8 5h.01",
  script: "M5.6 4.6 2.2 8l3.4 3.4M10.4 4.6 13.8 8l-3.4 3.4",
  thought: "M8 1.8a4.3 4.3 0 0 0-2.4 7.9c.6.4.9.9.9 1.5h3c0-.6.3-1.1.9-1.5A4.3 4.3 0 0 0 8 1.8ZM6.6 13.8h2.8",
  plan: "M2.2 4.2l1.2 1.2L5.6 3M2.2 10.4l1.2 1.2 2.2-2.4M8 4.4h6M8 10.6h6",
  edits: "M8 2.4v6.4M4.8 5.6h6.4M4.8 12.6h6.4",
  running: "M8 2.2A5.8 5.8 0 1 1 2.2 8",
  model: "M4.3 4.3h7.4v7.4H4.3zM6.5 2v2.3M9.5 2v2.3M6.5 11.7V14M9.5 11.7V14M2 6.5h2.3M2 9.5h2.3M11.7 6.5H14M11.7 9.5H14",
  tools: "M9.9 2.3a3.4 3.4 0 0 0-4 4.5L2.2 10.5l2.8 2.8 3.7-3.7a3.4 3.4 0 0 0 4.5-4L11 7.8 8.7 7.3 8.2 5z",
  shield: "M8 1.9l5.2 1.9v4c0 3-2.2 5-5.2 6.3C5 12.8 2.8 10.8 2.8 7.8v-4z",
  diff: "M2.2 2.5h5v11h-5zM8.8 2.5h5v11h-5zM3.6 8h2.2M10.2 8h2.2M11.3 6.9v2.2",
  open: "M9 2.5h4.5V7M13.2 2.8 7.5 8.5M11.5 9.5v4h-9v-9h4",
  key: "M9.2 6.8a3.2 3.2 0 1 1-1.7-1.7l5.7-2.6M10.4 3.8l1 2.2M12.2 3l.9 1.9M4.9 8h.01",
  agent: "M8 7.5a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2ZM2.8 13.8c.4-2.6 2.4-4.2 5.2-4.2s4.8 1.6 5.2 4.2",
  command: "M10.6 2.4 5.4 13.6",
} as const;

/** A picture by its name. */
export type IconName = keyof typeof PATHS;

/** Draws one; `spin` for what is going on. */
export function Icon({ name, spin }: { readonly name: IconName; readonly spin?: boolean }) {
  return (
    <svg class={`icon${spin ? " spin" : ""}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
