import { unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { type Manifest, packVsix } from "./vsix.ts";

const manifest: Manifest = {
  name: "federation",
  displayName: "Federation",
  description: 'Less < more & "quoted"',
  version: "1.2.3",
  publisher: "federation",
  categories: ["AI"],
  keywords: ["mesh"],
  engines: { vscode: "^1.101.0" },
  extensionKind: ["workspace"],
};
const file = (text: string) => new TextEncoder().encode(text);
const files = new Map([
  ["package.json", file("{}")],
  ["README.md", file("# Federation")],
  ["LICENSE.txt", file("Apache-2.0")],
  ["host/main.cjs", file("exports.activate = () => {};")],
]);
const unpacked = (vsix: Uint8Array) =>
  new Map(Object.entries(unzipSync(vsix)).map(([name, content]) => [name, new TextDecoder().decode(content)]));

describe("a VSIX", () => {
  test("holds the extension's files in their folder, and says what it is beside it", () => {
    expect([...unpacked(packVsix(manifest, files)).keys()]).toEqual([
      "[Content_Types].xml",
      "extension.vsixmanifest",
      "extension/LICENSE.txt",
      "extension/README.md",
      "extension/host/main.cjs",
      "extension/package.json",
    ]);
  });

  test("names only files that it has, and a type for each kind of them", () => {
    const inside = unpacked(packVsix(manifest, files));
    const said = inside.get("extension.vsixmanifest") ?? "";
    const named = [...said.matchAll(/Path="([^"]+)"/g), ...said.matchAll(/<License>([^<]+)</g)].map(
      (it) => it[1] ?? "",
    );
    expect(named.length).toBeGreaterThan(3);
    for (const name of named) expect([...inside.keys()]).toContain(name);
    for (const kind of ["cjs", "json", "md", "txt", "vsixmanifest"])
      expect(inside.get("[Content_Types].xml")).toContain(`Extension=".${kind}"`);
  });

  test("says its version and the editors it is for, with nothing that breaks the XML", () => {
    const said = unpacked(packVsix(manifest, files)).get("extension.vsixmanifest");
    expect(said).toContain('Id="federation" Version="1.2.3" Publisher="federation"');
    expect(said).toContain('Id="Microsoft.VisualStudio.Code.Engine" Value="^1.101.0"');
    expect(said).toContain("Less &lt; more &amp; &quot;quoted&quot;");
  });

  test("is the same, byte for byte, whatever the order and the hour", () => {
    const again = packVsix(manifest, new Map([...files].toReversed()));
    expect(Buffer.from(again).equals(Buffer.from(packVsix(manifest, files)))).toBe(true);
  });

  test("is not made with a kind of file that nobody meant to ship", () => {
    for (const name of ["host/main.cjs.map", "portal/index.ts", "host/toString"])
      expect(() => packVsix(manifest, new Map([...files, [name, file("")]]))).toThrow("is meant to be shipped");
  });
});
