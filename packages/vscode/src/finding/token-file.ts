/** A token is a file of one line, read when it is needed and never copied. */
import { readFile, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { MeshError } from "@federation/core";

const maxBytes = 4096;

/**
 * @param within the folder that may name the file: what lies in a workspace must not make the editor read, and send
 * somewhere, what lies outside of it.
 * @throws MeshError `config_invalid` that names the file.
 */
export async function readTokenFile(file: string, within: string): Promise<string> {
  const problem = (what: string, cause?: unknown) =>
    new MeshError("config_invalid", `The token in ${file} ${what}; start the node's mesh again, or mend the file.`, {
      cause,
    });
  let place: string;
  try {
    place = await realpath(file);
    const root = await realpath(within);
    if (place !== root && !place.startsWith(root + path.sep)) throw problem(`lies outside of ${within}`);
    const { size } = await stat(place);
    if (size > maxBytes) throw problem("is larger than a secret");
  } catch (thrown) {
    throw thrown instanceof MeshError ? thrown : problem("cannot be read", thrown);
  }
  const token = (await readFile(place, "utf8")).replace(/\r?\n$/, "");
  if (token.trim() === "") throw problem("is empty");
  if (/[\r\n\0]/.test(token)) throw problem("has more than one line");
  return token;
}
