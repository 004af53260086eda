/** Where the page lives: in a browser, served by the node itself, or in an editor, whose extension passes its frames. */
import type { ControlClient, Dial } from "@federation/mcp/client/web";

export interface Home {
  readonly kind: "browser" | "editor";
  readonly dial: Dial;
  /**
   * Called after each connection, before the page is told of it, and from time to time while it lasts: the page renews what
   * it comes back by. What was asked before, and waited for a connection, does not wait for this.
   */
  admitted(client: ControlClient): Promise<void>;
  /** What a person does who is not let in, in a sentence. */
  readonly howToGetIn: string;
  /** Of the page that the node itself serves, for links to it; undefined as long as it is not known. */
  pageUrl(): string | undefined;
  /** Leads out of the page; the person has confirmed it. */
  openLink(url: string): void;
  /** Only an editor opens what the page shows as documents and changes of its own. */
  readonly editor: EditorHome | undefined;
}

export interface EditorHome {
  openDocument(document: { readonly kind: "report" | "charter"; readonly id: string }): void;
  showCommit(commit: string): void;
  /** Tells of a way that the editor asks the page to go. */
  onGo(listener: (hash: string) => void): void;
}
