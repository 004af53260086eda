/**
 * What child processes see of the environment: what the operating system, the GPU drivers and pip look at. None of it
 * configures this package.
 */
const libraryVariables =
  /^(?:PATH|HOME|TMPDIR|LANG|LC_ALL|TZ|LD_LIBRARY_PATH|DYLD_[A-Z_]+|CUDA_[A-Z_]+|GGML_[A-Z0-9_]+|VK_[A-Z_]+|NVIDIA_[A-Z_]+)$/;

/** For our own processes: what it takes to find libraries and GPUs. The parent's secrets stay there. */
export function libraryEnvironment(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && libraryVariables.test(name)) kept[name] = value;
  }
  return kept;
}

/** For pip: index and proxy are the machine's, its half-loaded files go to `temporary`. */
export function pipEnvironment(temporary: string): NodeJS.ProcessEnv {
  return { ...process.env, TMPDIR: temporary };
}
