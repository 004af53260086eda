/** Names of the documents that the extension makes: `federation:/reports/ID/Title.md`. What they hold is asked for when they are opened. */
export type DocumentName =
  | { readonly kind: "report"; readonly id: string }
  | { readonly kind: "charter"; readonly id: string };

export const documentScheme = "federation";

const idPattern = /^[A-Za-z0-9-]{1,100}$/;

/** @param title is shown on the tab, and says nothing else. */
export function documentPath({ kind, id }: DocumentName, title: string): string {
  const name = title
    .replaceAll(/[^\p{L}\p{N} ,.-]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 60);
  return `/${kind}/${id}/${name === "" ? kind : name}.md`;
}

/** What a path names, or undefined: an editor may hold one of another version. */
export function documentName(path: string): DocumentName | undefined {
  const [, kind, id = ""] = path.split("/");
  if ((kind !== "report" && kind !== "charter") || !idPattern.test(id)) return undefined;
  return { kind, id };
}
