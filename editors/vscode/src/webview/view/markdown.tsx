// A tree of Markdown as elements of the page. Every element is made by name from the tree's own list; nothing is ever parsed
// as HTML.

import { h, type ComponentChild } from "preact";
import { useMemo } from "preact/hooks";
import { looksLikeFile } from "../../chat/links";
import { parse, type Node, type Part } from "../markdown";
import { head } from "../shown";
import { useApp } from "../app";
import { CodeBlock } from "./code";
import { Link, memo } from "./parts";

/** Characters of one text that are drawn. */
const CAP = 200_000;

/** Headings of answers stand below those of the page. */
const HEADINGS: Readonly<Record<string, string>> = { h1: "h3", h2: "h4", h3: "h5", h4: "h6", h5: "h6", h6: "h6" };

function draw(node: Node, key: number): ComponentChild {
  if (typeof node === "string") return node;
  switch (node.tag) {
    case "hr":
    case "br":
      return h(node.tag, { key });
    case "code":
      return looksLikeFile(node.text) ? (
        <Link key={key} href={node.text} class="path">
          <code>{node.text}</code>
        </Link>
      ) : (
        <code key={key}>{node.text}</code>
      );
    case "fence":
      return <CodeBlock key={key} info={node.info} text={node.text} />;
    case "a":
      return (
        <Link key={key} href={node.href}>
          {node.children.map(draw)}
        </Link>
      );
    case "table":
      return (
        <div key={key} class="table" tabIndex={0} role="region" aria-label="Table">
          <table>{node.children.map(draw)}</table>
        </div>
      );
    default:
      return h(
        HEADINGS[node.tag] ?? node.tag,
        {
          key,
          ...(HEADINGS[node.tag] !== undefined && { class: node.tag }),
          ...(node.start !== undefined && node.start !== 1 && { start: node.start }),
          ...(node.align !== undefined && { style: { textAlign: node.align } }),
        },
        node.children.map(draw),
      );
  }
}

/** One block; drawn again only when its own lines change. */
const Block = memo(({ part }: { readonly part: Part; readonly source: string }) => <>{draw(part.node, 0)}</>);

/** Blocks of a text that is drawn again and again: equal ones are the very same as before. */
export function Parts({ text }: { readonly text: string }) {
  const parts = useMemo(() => parse(text), [text]);
  return (
    <>
      {parts.map((part, at) => (
        <Same key={at} part={part} />
      ))}
    </>
  );
}

/** Compares by the lines, not by the tree that was made of them. */
function Same({ part }: { readonly part: Part }) {
  const kept = useMemo(() => part, [part.source, kindOf(part.node)]);
  return <Block part={kept} source={kept.source} />;
}

function kindOf(node: Node): string {
  return typeof node === "string" ? "" : node.tag;
}

/** A finished text of the model. */
export const Markdown = memo(({ text }: { readonly text: string }) => {
  const { actions } = useApp();
  const cut = text.length > CAP ? head(text, CAP) : { text, left: 0 };
  return (
    <div class="markdown">
      <Parts text={cut.text} />
      {cut.left > 0 && (
        <button type="button" class="link" onClick={() => void actions.task({ type: "show", text, language: "markdown" })}>
          {cut.left.toLocaleString()} more characters: open all of it
        </button>
      )}
    </div>
  );
});
