// Small things that many views are made of: a view that is drawn only when what it shows is another thing, buttons, what
// folds, texts that are cut.

import { Component, h, type ComponentChildren, type FunctionComponent } from "preact";
import { useState } from "preact/hooks";
import { useApp } from "../app";
import { Icon, type IconName } from "./icons";

/** The view, drawn again only when one of its properties is not the same. */
export function memo<P extends object>(view: FunctionComponent<P>): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const [now, then] = [this.props as Readonly<Record<string, unknown>>, next as Readonly<Record<string, unknown>>];
      return [...new Set([...Object.keys(now), ...Object.keys(then)])].some((key) => !Object.is(now[key], then[key]));
    }
    override render() {
      return h(view as FunctionComponent<object>, this.props);
    }
  }
  return Memo as unknown as FunctionComponent<P>;
}

/** A button that is only a picture; its name is told on hover and to screen readers. */
export function IconButton(props: {
  readonly icon: IconName;
  readonly name: string;
  readonly onClick: () => unknown;
  readonly disabled?: boolean;
  readonly primary?: boolean;
  readonly spin?: boolean;
  readonly pressed?: boolean;
}) {
  return (
    <button
      type="button"
      class={`icon-button${props.primary ? " primary" : ""}`}
      title={props.name}
      aria-label={props.name}
      disabled={props.disabled ?? false}
      {...(props.pressed !== undefined && { "aria-pressed": props.pressed })}
      onClick={(event) => {
        event.stopPropagation();
        void props.onClick();
      }}
    >
      <Icon name={props.icon} spin={props.spin ?? false} />
    </button>
  );
}

/** A button with words. */
export function Button(props: {
  readonly children: ComponentChildren;
  readonly onClick: () => unknown;
  readonly kind?: "primary" | "secondary" | "quiet";
  readonly icon?: IconName;
  readonly title?: string;
  readonly disabled?: boolean;
}) {
  return (
    <button
      type="button"
      class={`button ${props.kind ?? "secondary"}`}
      disabled={props.disabled ?? false}
      {...(props.title !== undefined && { title: props.title })}
      onClick={() => void props.onClick()}
    >
      {props.icon !== undefined && <Icon name={props.icon} />}
      <span>{props.children}</span>
    </button>
  );
}

/** Something that folds; what is in it is made when it is opened. */
export function Fold(props: {
  readonly class?: string;
  readonly summary: ComponentChildren;
  readonly open?: boolean;
  /** Nothing is in it: it is only its line. */
  readonly empty?: boolean;
  readonly children: () => ComponentChildren;
  readonly onToggle?: (open: boolean) => void;
}) {
  const [opened, setOpened] = useState<boolean | undefined>(undefined);
  const open = opened ?? props.open ?? false;
  if (props.empty) return <div class={`fold flat ${props.class ?? ""}`}>{props.summary}</div>;
  return (
    <div class={`fold ${props.class ?? ""}`} data-open={open}>
      <button
        type="button"
        class="fold-line"
        aria-expanded={open}
        onClick={() => {
          setOpened(!open);
          props.onToggle?.(!open);
        }}
      >
        <span class="chevron">
          <Icon name="right" />
        </span>
        {props.summary}
      </button>
      {open && <div class="fold-body">{props.children()}</div>}
    </div>
  );
}

/** A text in which what stands between backticks is code. */
export function Words({ text }: { readonly text: string }) {
  const parts = text.split(/(`[^`\n]+`)/);
  return <>{parts.map((part, at) => (at % 2 === 1 ? <code key={at}>{part.slice(1, -1)}</code> : part))}</>;
}

/** A text of a tool or a file, as it is; the rest of a cut one is opened in an editor. */
export function Output(props: { readonly text: string; readonly left: number; readonly whole: string; readonly language?: string; readonly label: string }) {
  const { actions } = useApp();
  return (
    <>
      <pre class="output" tabIndex={0} aria-label={props.label}>
        {props.text}
      </pre>
      {props.left > 0 && (
        <button
          type="button"
          class="link"
          onClick={() => void actions.task({ type: "show", text: props.whole, language: props.language ?? "plaintext" })}
        >
          {props.left.toLocaleString()} more characters: open all of it
        </button>
      )}
    </>
  );
}

/** Words that lead to a file or the web; where to is decided by the extension. */
export function Link(props: { readonly href: string; readonly children: ComponentChildren; readonly class?: string }) {
  const { actions } = useApp();
  const follow = (): void => void actions.task({ type: "follow", href: props.href });
  // Without an address of its own: VS Code follows those by itself.
  return (
    <a
      role="link"
      tabIndex={0}
      class={props.class ?? "link"}
      title={props.href.slice(0, 300)}
      onClick={follow}
      onKeyDown={(event) => {
        if (event.key === "Enter") follow();
      }}
    >
      {props.children}
    </a>
  );
}
