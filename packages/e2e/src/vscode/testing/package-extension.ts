import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

const root = path.join(import.meta.dirname, "../../../../..");

/** `pnpm package:vscode`; answers where the VSIX is. */
export async function packageExtension(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ["packages/vscode/src/packaging/main.ts"], {
    cwd: root,
  });
  const [, file = ""] = /^(\S+\.vsix): /m.exec(stdout) ?? [];
  return path.join(root, file);
}
