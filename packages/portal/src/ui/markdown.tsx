/**
 * Markdown of models and strangers.
 *
 * 1. It is parsed to a tree, and the tree is drawn as elements named here: no text ever becomes HTML, so there is nothing
 *    to sanitise. HTML in it is shown as the text it is.
 * 2. Nothing is fetched: a picture is its description and its address. A link is opened when a person has read where it
 *    leads and said so; one that is no web address is text.
 * 3. What is too long is not parsed: it is shown as text, in pieces. What is not short is shown so until it is in view: a
 *    page of a hundred texts takes no longer than what one sees of it.
 */
import type { Nodes, Parents } from "mdast";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useApp } from "../app/app.ts";
import { parseMarkdown } from "../text/parse-markdown.ts";
import { Line, Revealed, Words } from "./words.tsx";

const maxDepth = 24;

/** Drawn of what is not in view, so that it takes up room. */
const rawLength = 2_000;
/** Parsed at once, wherever it stands: in a moment, whatever is in it. */
const shortLength = 600;

export function Markdown({ of }: { readonly of: string }) {
  const place = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  const parsed = seen || of.length <= shortLength;
  useEffect(() => {
    if (parsed || place.current === null) return;
    const watch = new IntersectionObserver((changes) => {
      // Each in a task of its own: between two of them the page answers.
      if (changes.some((it) => it.isIntersecting)) setTimeout(() => setSeen(true));
    });
    watch.observe(place.current);
    return () => watch.disconnect();
  }, [parsed]);
  if (parsed) return <Parsed of={of} />;
  return (
    <div ref={place}>
      <Words of={of} first={rawLength} />
    </div>
  );
}

function Parsed({ of }: { readonly of: string }) {
  const tree = useMemo(() => parseMarkdown(of), [of]);
  if (tree === undefined) return <Words of={of} />;
  return (
    <div class="markdown" dir="auto">
      {all(tree, 0)}
    </div>
  );
}

function all(parent: Parents, depth: number): ComponentChildren {
  if (depth > maxDepth) return "…";
  return parent.children.map((child, index) => <Node key={index} node={child} depth={depth + 1} />);
}

function Node({ node, depth }: { readonly node: Nodes; readonly depth: number }) {
  switch (node.type) {
    case "text":
      return <Revealed text={node.value} />;
    case "paragraph":
      return <p>{all(node, depth)}</p>;
    case "heading": {
      // Below the headings of the page itself.
      const Heading = node.depth <= 2 ? "h3" : "h4";
      return <Heading>{all(node, depth)}</Heading>;
    }
    case "emphasis":
      return <em>{all(node, depth)}</em>;
    case "strong":
      return <strong>{all(node, depth)}</strong>;
    case "delete":
      return <del>{all(node, depth)}</del>;
    case "inlineCode":
      return (
        <code>
          <Revealed text={node.value} />
        </code>
      );
    case "code":
      return (
        <pre>
          <code>
            <Revealed text={node.value} />
          </code>
        </pre>
      );
    case "html":
      return (
        <code class="html-as-text">
          <Revealed text={node.value} />
        </code>
      );
    case "blockquote":
      return <blockquote>{all(node, depth)}</blockquote>;
    case "list":
      return node.ordered === true ? <ol start={node.start ?? 1}>{all(node, depth)}</ol> : <ul>{all(node, depth)}</ul>;
    case "listItem":
      return <li>{all(node, depth)}</li>;
    case "break":
      return <br />;
    case "thematicBreak":
      return <hr />;
    case "link":
      return <OutwardLink url={node.url}>{all(node, depth)}</OutwardLink>;
    case "image":
      return (
        <span class="picture-as-text">
          picture “<Revealed text={node.alt ?? ""} />
          ”, not loaded:{" "}
          <OutwardLink url={node.url}>
            <Revealed text={node.url} />
          </OutwardLink>
        </span>
      );
    case "table":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <section class="scrolls" tabIndex={0} aria-label="Table">
          <table>
            <tbody>{all(node, depth)}</tbody>
          </table>
        </section>
      );
    case "tableRow":
      return <tr>{all(node, depth)}</tr>;
    case "tableCell":
      return <td>{all(node, depth)}</td>;
    case "imageReference":
    case "linkReference":
      return "children" in node ? <span>{all(node, depth)}</span> : <Revealed text={node.alt ?? ""} />;
    // Where references lead is not shown: a reference is its own text.
    default:
      return null;
  }
}

/** Only what a browser opens as a page. Anything else (`javascript:`, `command:`, `data:`, `file:`) leads nowhere. */
function webAddress(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  const isWeb = parsed.protocol === "https:" || parsed.protocol === "http:";
  // What stands before an @ is there to be taken for the host.
  return isWeb && parsed.username === "" && parsed.password === "" ? parsed.href : undefined;
}

function OutwardLink({ url, children }: { readonly url: string; readonly children: ComponentChildren }) {
  const { dialogs } = useApp();
  const address = webAddress(url);
  if (address === undefined) {
    return (
      <span class="no-link">
        {children}{" "}
        <span class="faint">
          (leads nowhere: <Line of={url} max={200} />)
        </span>
      </span>
    );
  }
  return (
    <button type="button" class="link" title={address} onClick={() => dialogs.askToOpen(address)}>
      {children}
    </button>
  );
}
