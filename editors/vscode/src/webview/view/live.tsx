// Text while it is written. Markdown is made of it at most four times a second; what comes in between is put behind it as it
// is, so that every fragment is seen in the frame in which it came, however many there are.

import { Component, createRef } from "preact";
import { Parts } from "./markdown";

/** Milliseconds between two readings of the Markdown. */
const PAUSE = 250;

/** Characters from which on only the end of a text is drawn until it is done. */
const CAP = 60_000;
const STEP = 20_000;

/** Elements that text is put into the last one of. */
const BLOCKS = "p, h3, h4, h5, h6, ul, ol, li, blockquote";

interface Props {
  readonly text: string;
}

/** An answer that is being written. */
export class LiveMarkdown extends Component<Props, { readonly drawn: string }> {
  override state = { drawn: this.props.text };
  private readonly root = createRef<HTMLDivElement>();
  private readonly tail = Object.assign(document.createElement("span"), { className: "tail" });
  private last = performance.now() - PAUSE;
  private timer = 0;

  /** The tree is drawn again only when it is read again; fragments go past it. */
  override shouldComponentUpdate(next: Readonly<Props>, state: { readonly drawn: string }): boolean {
    if (state.drawn !== this.state.drawn) return true;
    this.follow(next.text);
    return false;
  }

  override componentDidMount(): void {
    this.follow(this.props.text);
  }

  override componentWillUpdate(): void {
    this.tail.remove();
  }

  override componentDidUpdate(): void {
    this.last = performance.now();
    this.follow(this.props.text);
  }

  override componentWillUnmount(): void {
    window.clearTimeout(this.timer);
    this.tail.remove();
  }

  private follow(text: string): void {
    const { drawn } = this.state;
    if (text === drawn) {
      this.tail.textContent = "";
      return;
    }
    if (text.startsWith(drawn)) {
      this.tail.textContent = text.slice(drawn.length);
      if (!this.tail.isConnected) this.place().append(this.tail);
    }
    const wait = Math.max(0, PAUSE - (performance.now() - this.last));
    if (this.timer !== 0) return;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.setState({ drawn: this.props.text });
    }, wait);
  }

  /** The innermost element at the end that text belongs into. */
  private place(): Element {
    let at: Element = this.root.current as Element;
    for (;;) {
      const next: Element | null = at.lastElementChild;
      if (next?.matches("figure.code")) return next.querySelector("pre > code") ?? at;
      if (next === null || !next.matches(BLOCKS)) return at;
      at = next;
    }
  }

  override render() {
    const { drawn } = this.state;
    return (
      <div class="markdown live" ref={this.root}>
        <Parts text={ending(drawn)} />
      </div>
    );
  }
}

/** The end of a text that is too long to be drawn again and again; where it begins moves on in large steps alone. */
function ending(text: string): string {
  if (text.length <= CAP) return text;
  const from = Math.ceil((text.length - CAP) / STEP) * STEP;
  const paragraph = text.indexOf("\n\n", from);
  return text.slice(paragraph < 0 ? from : paragraph);
}

/** Characters of a script or an output that are drawn while it is written. */
const END = 8000;

/** Text that comes line by line, its end in sight unless somebody looks at what is before. */
export class LiveText extends Component<Props & { readonly label: string }> {
  private readonly root = createRef<HTMLPreElement>();
  private atEnd = true;

  override getSnapshotBeforeUpdate(): null {
    const element = this.root.current;
    if (element !== null) this.atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 8;
    return null;
  }

  override componentDidMount(): void {
    this.root.current?.scrollTo(0, this.root.current.scrollHeight);
  }

  override componentDidUpdate(): void {
    if (this.atEnd) this.root.current?.scrollTo(0, this.root.current.scrollHeight);
  }

  override render({ text, label }: Props & { readonly label: string }) {
    return (
      <pre class="output live" ref={this.root} tabIndex={0} aria-label={label}>
        {text.length > END ? `…${text.slice(-END)}` : text}
      </pre>
    );
  }
}
