/**
 * What git and ssh-keygen see of the environment when we run them.
 *
 * 1. Git's own variables can name another repository, another configuration or a program to run. Only those pass that
 *    git itself sets for a hook, because without them a hook looks at the wrong index or the wrong objects.
 * 2. Configuration of the user and of the system does not count: only the repository's own does, and what we say.
 */
export type Environment = Readonly<Record<string, string | undefined>>;

const machine = ["PATH", "TMPDIR"] as const;

/** Set by git for its hooks: which repository, which index is being committed, where pushed objects wait. */
const ofHooks = [
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_QUARANTINE_PATH",
] as const;

function pick(environment: Environment, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = environment[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

const onlyTheRepository = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
} as const;

/** Replaced objects, grafts and magic in paths would show us another history than the one that is taken. */
const asItIs = {
  LC_ALL: "C",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_GRAFT_FILE: "/dev/null",
  GIT_LITERAL_PATHSPECS: "1",
} as const;

/** For git run inside a hook. */
export function hookEnvironment(environment: Environment): Record<string, string> {
  return { ...pick(environment, machine), ...pick(environment, ofHooks), ...onlyTheRepository, ...asItIs };
}

/** For git run on a repository that is named by its folder. */
export function plainEnvironment(environment: Environment = process.env): Record<string, string> {
  return { ...pick(environment, machine), ...onlyTheRepository, ...asItIs };
}

/** For questions about configuration, in which the user's own counts. */
export function userEnvironment(environment: Environment = process.env): Record<string, string> {
  return { ...pick(environment, [...machine, "HOME", "XDG_CONFIG_HOME"]), LC_ALL: "C" };
}

/** For git whose hooks shall run: they are the user's programs, and find their own configuration below HOME. */
export function committingEnvironment(
  own: Readonly<Record<string, string>>,
  environment: Environment = process.env,
): Record<string, string> {
  return { ...pick(environment, [...machine, "HOME", "XDG_CONFIG_HOME"]), ...onlyTheRepository, LC_ALL: "C", ...own };
}
