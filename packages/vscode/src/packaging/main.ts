/** `pnpm package:vscode`: builds the extension and writes it as a VSIX; its last line says where, and how large it is. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { readExtensionFiles } from "./extension-files.ts";
import { manifestSchema, packVsix } from "./vsix.ts";

const files = await readExtensionFiles();
const manifest = manifestSchema.parse(JSON.parse(new TextDecoder().decode(files.get("package.json"))));
const vsix = packVsix(manifest, files);
const out = path.join(import.meta.dirname, "../../dist", `${manifest.name}-${manifest.version}.vsix`);
await mkdir(path.dirname(out), { recursive: true });
await writeFile(out, vsix);
for (const [name, content] of files) process.stdout.write(`${String(content.byteLength).padStart(8)}  ${name}\n`);
process.stdout.write(
  `${path.relative(process.cwd(), out)}: ${files.size} files, ${Math.ceil(vsix.byteLength / 1024)} KB\n`,
);
