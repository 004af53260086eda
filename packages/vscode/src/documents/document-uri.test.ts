import { expect, test } from "vitest";
import { documentName, documentPath } from "./document-uri.ts";

test("a document's path says what it is, whatever its title", () => {
  const name = { kind: "report", id: "0199a5c4-0000-7000-8000-000000000001" } as const;
  for (const title of ["Choose a policy", "../../etc/passwd", "a/b\\c?#", "", "\u202E"])
    expect(documentName(documentPath(name, title))).toEqual(name);
});

test.each(["/report//x.md", "/secret/1/x.md", "/report/a b/x.md", "/report/..", ""])("%j names none", (path) => {
  expect(documentName(path)).toBeUndefined();
});
