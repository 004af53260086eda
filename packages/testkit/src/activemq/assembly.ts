import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { MeshError } from "@federation/core";

/** Where the configuration lies that is shipped, and therefore tested. */
export const deployFolder = path.join(import.meta.dirname, "../../../../deploy/activemq");

/** `6.3.1` is assembled from Maven Central, `5.17.2` is Debian's package. */
export type ActiveMqVersion = "6.3.1" | "5.17.2";

const debianHome = "/usr/share/activemq";

/** The versions this machine can run, newest first; asks for nothing over the network. */
export async function installableVersions(): Promise<readonly ActiveMqVersion[]> {
  const versions: ActiveMqVersion[] = [];
  if (await succeeds("java", "-version")) {
    if ((await exists(path.join(cacheFolder("6.3.1"), "pom.sha256"))) || (await succeeds("mvn", "-version"))) {
      versions.push("6.3.1");
    }
    if (await exists(path.join(debianHome, "lib/activemq-stomp.jar"))) versions.push("5.17.2");
  }
  return versions;
}

/** The jars of a broker, for a class path. @throws MeshError `unavailable` when they cannot be had. */
export async function brokerJars(version: ActiveMqVersion): Promise<readonly string[]> {
  if (version === "5.17.2") {
    return [...(await jarsIn(path.join(debianHome, "lib"))), ...(await jarsIn(path.join(debianHome, "lib/optional")))];
  }
  return await jarsIn(await assemble(version));
}

/** Downloads once per machine and pom; two processes that assemble at once both end with a whole folder. */
async function assemble(version: ActiveMqVersion): Promise<string> {
  const pom = path.join(deployFolder, "pom.xml");
  const digest = createHash("sha256")
    .update(await readFile(pom))
    .digest("hex");
  const folder = cacheFolder(version);
  const lib = path.join(folder, "lib");
  if ((await readFile(path.join(folder, "pom.sha256"), "utf8").catch(() => "")) === digest) return lib;

  process.stderr.write(`broker: assembling ActiveMQ Classic ${version} from Maven Central\n`);
  const parent = path.dirname(folder);
  await mkdir(parent, { recursive: true });
  const fresh = await mkdtemp(path.join(parent, "assembling-"));
  try {
    const target = `-DoutputDirectory=${path.join(fresh, "lib")}`;
    await promisify(execFile)("mvn", ["-B", "-q", "-f", pom, "dependency:copy-dependencies", target], {
      timeout: 300_000,
    });
    await writeFile(path.join(fresh, "pom.sha256"), digest);
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder).catch(async (error: unknown) => {
      // Another process was faster; its folder is as good.
      if (!(await exists(path.join(folder, "pom.sha256")))) throw error;
    });
  } catch (error) {
    throw new MeshError(
      "unavailable",
      `ActiveMQ ${version} could not be assembled; Maven and Maven Central are needed.`,
      {
        cause: error,
      },
    );
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return lib;
}

function cacheFolder(version: string): string {
  const cache = process.env["XDG_CACHE_HOME"] || path.join(homedir(), ".cache");
  return path.join(cache, "federation", `activemq-${version}`);
}

async function jarsIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith(".jar")).map((name) => path.join(folder, name));
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}

async function succeeds(command: string, ...args: readonly string[]): Promise<boolean> {
  return await promisify(execFile)(command, [...args]).then(
    () => true,
    () => false,
  );
}
