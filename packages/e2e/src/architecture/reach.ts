/** What a file loads when it runs, and what that loads in turn, as far as the sources of this repository go. */
import path from "node:path";
import type { Manifest, Source } from "./source.ts";

export interface Reach {
  /** Files of this repository, as `package/src/file.ts`. */
  readonly files: ReadonlySet<string>;
  /** What is loaded from outside, as importers write it, and the files that load it. */
  readonly outside: ReadonlyMap<string, readonly string[]>;
}

export interface Repository {
  readonly sources: readonly Source[];
  readonly manifests: readonly Manifest[];
}

/**
 * @param entry as `package/src/file.ts`.
 * @throws when an import leads to no source: what cannot be followed is not known to be harmless.
 */
export function reachOf(entry: string, { sources, manifests }: Repository): Reach {
  const known = new Map(sources.map((source) => [`${source.package}/${source.file}`, source]));
  const files = new Set<string>();
  const outside = new Map<string, string[]>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    const source = known.get(file);
    if (source === undefined) throw new Error(`${file} is no source of this repository`);
    files.add(file);
    for (const { specifier, typeOnly } of source.imports) {
      if (typeOnly || isAsset(specifier)) continue;
      const inside = resolve(file, specifier, manifests);
      if (inside !== undefined) waiting.push(inside);
      else outside.set(specifier, [...(outside.get(specifier) ?? []), file]);
    }
  }
  return { files, outside };
}

/** The file of this repository that an import means; undefined when it means one from outside. */
function resolve(from: string, specifier: string, manifests: readonly Manifest[]): string | undefined {
  if (specifier.startsWith(".")) return path.posix.join(path.posix.dirname(from), specifier);
  const [scope, folder = "", ...rest] = specifier.split("/");
  if (scope !== "@federation") return undefined;
  const entry = [".", ...rest].join("/");
  const file = manifests.find((it) => it.folder === folder)?.exports[entry];
  if (file === undefined) throw new Error(`${from} imports ${specifier}, which that package does not offer`);
  return `${folder}/${file}`;
}

/** What a bundler takes for a page beside code. */
function isAsset(specifier: string): boolean {
  return /\.(css|svg|woff2)$/.test(specifier);
}
