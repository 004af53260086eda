/**
 * The entry scripts git starts. They decide nothing: they start the command given at installation, with the paths it
 * had then, so that neither a PATH nor a working folder of the caller chooses what runs.
 */
import type { InstallSide } from "./manifest.ts";

export const hooksOf: Readonly<Record<InstallSide, readonly string[]>> = {
  clone: ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"],
  server: ["pre-receive"],
};

/** A word of sh that stands for exactly this text. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export function guardScript(name: string, command: readonly string[]): string {
  const [program = ""] = command;
  return `#!/bin/sh
# The federation's git guard. \`federation git status\` compares this file with what was installed.
unset NODE_OPTIONS NODE_PATH
if [ ! -x ${quoted(program)} ]; then
  echo ${quoted(`federation: ${program} is gone; install the guard again (federation git install).`)} >&2
  exit 1
fi
exec ${[...command, "git", "hook", name].map(quoted).join(" ")} "$@"
`;
}

/** For a hook of the repository's own that the guard has no part in. */
export function passingScript(name: string, formerHooks: string): string {
  const file = `${formerHooks}/${name}`;
  const hook = quoted(file.startsWith("/") ? file : `./${file}`);
  return `#!/bin/sh
# A hook this repository had before the federation's git guard, run from where it was.
if [ -x ${hook} ]; then exec ${hook} "$@"; fi
`;
}
