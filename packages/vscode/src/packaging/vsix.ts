/**
 * A VSIX: a zip of the extension's folder with two files that say what it is, as the Marketplace's own tool writes them.
 *
 * 1. The same files give the same bytes: names are sorted, and no time is kept.
 * 2. A kind of file that nobody meant to ship ends the packing.
 */
import { type Zippable, zipSync } from "fflate";
import { z } from "zod";

export const manifestSchema = z.looseObject({
  name: z.string(),
  displayName: z.string(),
  description: z.string(),
  version: z.string(),
  publisher: z.string(),
  categories: z.array(z.string()),
  keywords: z.array(z.string()),
  engines: z.object({ vscode: z.string() }),
  extensionKind: z.array(z.string()),
});
export type Manifest = z.infer<typeof manifestSchema>;

const types: Readonly<Record<string, string>> = {
  cjs: "application/javascript",
  css: "text/css",
  html: "text/html",
  js: "application/javascript",
  json: "application/json",
  md: "text/markdown",
  svg: "image/svg+xml",
  txt: "text/plain",
  vsixmanifest: "text/xml",
  woff2: "font/woff2",
};

/** Zip keeps no earlier time than this. */
const epoch = new Date(1980, 0, 1);

/** @param files by their path in the extension's folder. @throws when one is of no known kind. */
export function packVsix(manifest: Manifest, files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const text = new TextEncoder();
  const all = new Map([
    ["[Content_Types].xml", text.encode(contentTypes([...files.keys()]))],
    ["extension.vsixmanifest", text.encode(vsixManifest(manifest))],
    ...[...files].map(([name, content]): [string, Uint8Array] => [`extension/${name}`, content]),
  ]);
  const zippable: Zippable = {};
  for (const name of [...all.keys()].toSorted()) {
    const content = all.get(name);
    if (content !== undefined) zippable[name] = [content, { level: 9, mtime: epoch }];
  }
  return zipSync(zippable);
}

function contentTypes(names: readonly string[]): string {
  const extensions = [...new Set([...names.map(extensionOf), "vsixmanifest"])].toSorted();
  const lines = extensions.map((it) => {
    const type = Object.hasOwn(types, it) ? types[it] : undefined;
    if (type === undefined) throw new Error(`no file of the kind .${it} is meant to be shipped`);
    return `<Default Extension=".${it}" ContentType="${type}"/>`;
  });
  return `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${lines.join("")}</Types>
`;
}

/** As in `LICENSE.txt`: a name without a dot has no kind. */
function extensionOf(name: string): string {
  return /\.([a-z0-9]+)$/.exec(name)?.[1] ?? name;
}

function vsixManifest(manifest: Manifest): string {
  const { name, displayName, description, version, publisher, categories, keywords, engines, extensionKind } = manifest;
  const property = (id: string, value: string): string =>
    `      <Property Id="Microsoft.VisualStudio.${id}" Value="${escaped(value)}" />`;
  const asset = (type: string, path: string): string =>
    `    <Asset Type="Microsoft.VisualStudio.${type}" Path="extension/${path}" Addressable="true" />`;
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011" xmlns:d="http://schemas.microsoft.com/developer/vsx-schema-design/2011">
  <Metadata>
    <Identity Language="en-US" Id="${escaped(name)}" Version="${escaped(version)}" Publisher="${escaped(publisher)}" />
    <DisplayName>${escaped(displayName)}</DisplayName>
    <Description xml:space="preserve">${escaped(description)}</Description>
    <Tags>${escaped(keywords.join(","))}</Tags>
    <Categories>${escaped(categories.join(","))}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
${property("Code.Engine", engines.vscode)}
${property("Code.ExtensionDependencies", "")}
${property("Code.ExtensionPack", "")}
${property("Code.ExtensionKind", extensionKind.join(","))}
${property("Code.LocalizedLanguages", "")}
${property("Code.EnabledApiProposals", "")}
${property("Code.ExecutesCode", "true")}
${property("Services.GitHubFlavoredMarkdown", "true")}
${property("Services.Content.Pricing", "Free")}
    </Properties>
    <License>extension/LICENSE.txt</License>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code" />
  </Installation>
  <Dependencies />
  <Assets>
${asset("Code.Manifest", "package.json")}
${asset("Services.Content.Details", "README.md")}
${asset("Services.Content.License", "LICENSE.txt")}
  </Assets>
</PackageManifest>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
