import { copyFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { MeshError } from "@federation/core";
import { type ActiveMqVersion, deployFolder } from "./assembly.ts";

export interface BrokerAccount {
  /** The actor's name. */
  readonly login: string;
  readonly passcode: string;
}

/** Writes `conf` from the shipped configuration: only the actors, and what the old version lacks, differ. */
export async function writeConfiguration(conf: string, version: ActiveMqVersion): Promise<void> {
  const shipped = await readFile(path.join(deployFolder, "activemq.xml"), "utf8");
  // Debian's package has no runtime configuration; there a new actor needs a restart.
  const xml = version === "5.17.2" ? replaceOnce(shipped, /<runtimeConfigurationPlugin[^>]*\/>/, "") : shipped;
  await writeFile(path.join(conf, "activemq.xml"), xml);
  await copyFile(path.join(deployFolder, "login.config"), path.join(conf, "login.config"));
  await writeFile(path.join(conf, "log4j.properties"), log4j);
}

/** Writes the three places that name an actor, in the form `federation node add` prints. */
export async function writeAccounts(conf: string, accounts: readonly BrokerAccount[]): Promise<void> {
  for (const { login, passcode } of accounts) {
    if (!/^[a-z0-9-]+$/.test(login) || !/^[A-Za-z0-9._-]+$/.test(passcode)) {
      throw new MeshError("invalid_input", "A test account's login and passcode are letters, digits, dots and dashes.");
    }
  }
  const logins = accounts.map(({ login }) => login);
  const file = path.join(conf, "activemq.xml");
  const entries = logins.map(
    (login) => `<authorizationEntry queue="federation.${login}" read="${login}" write="nodes" admin="nodes"/>`,
  );
  const xml = replaceOnce(
    await readFile(file, "utf8"),
    /(<!-- actors:[^>]*-->)[\s\S]*?(<!-- end of actors -->)/,
    `$1\n${entries.join("\n")}\n$2`,
  );
  await writeFile(path.join(conf, "users.properties"), accounts.map((it) => `${it.login}=${it.passcode}\n`).join(""));
  await writeFile(
    path.join(conf, "groups.properties"),
    `${logins.map((login) => `${login}=${login}\n`).join("")}nodes=${logins.join(",")}\n`,
  );
  await writeFile(file, xml);
}

function replaceOnce(text: string, pattern: RegExp, replacement: string): string {
  if (!pattern.test(text)) {
    throw new MeshError("internal", `deploy/activemq/activemq.xml has lost the part that matches ${pattern}.`);
  }
  return text.replace(pattern, replacement);
}

const log4j = `log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d %p %c %m%n
`;
