import { join } from "node:path";
import { MeshError } from "@federation/core";
import { ensurePortalBuilt } from "../portal/build-portal.ts";
import { openOrTell } from "../portal/open-link.ts";
import { checkPageOrigin, makePortalLink, originOfNode } from "../portal/portal-link.ts";
import { portalPath } from "../substrate/portal-files.ts";
import { cliExitCodes } from "./exit-codes.ts";
import { findNode } from "./find-node.ts";
import type { CliProgram } from "./program.ts";
import type { CliSession } from "./session.ts";

const maxMinutes = 15;
const usualMinutes = 5;

/** `federation portal`: a link that opens the portal of one's node, once. */
export function addPortalCommand(program: CliProgram): void {
  const command = program.root
    .command("portal")
    .description(
      "Prints a link that opens your node's portal in a browser, once, and opens it where there is a screen.",
    )
    .option("--no-open", "print the link only")
    .option("--minutes <n>", `how long the link can be opened, 1 to ${maxMinutes} (${usualMinutes})`)
    .option(
      "--origin <origin>",
      "address of the page, where something stands in front of the node, as in https://portal.example",
    )
    .option("--build", "build the page and do nothing else")
    .addHelpText("after", help);
  program.does(command, async (session, given) => {
    const { world, flags } = session;
    if (given.flag("build")) {
      const done = await ensurePortalBuilt();
      session.print({ portal: done }, () =>
        done === "built" ? "The portal is built." : "The portal was built already.",
      );
      return cliExitCodes.ok;
    }
    const minutes = given.whole("minutes") ?? usualMinutes;
    if (minutes < 1 || minutes > maxMinutes)
      throw new MeshError("invalid_input", `--minutes takes 1 to ${maxMinutes}, not ${minutes}.`);
    const origin = checkPageOrigin(
      given.maybe("origin") ??
        originOfNode(findNode(flags, world.environment, join(world.stateFolder, "commander")).url),
    );
    await requireServed(origin, session.callOptions);
    return await session.withNode(async (client) => {
      const made = await makePortalLink(client, { origin, lastsMs: minutes * 60_000, call: session.callOptions });
      session.print(made, () => `${made.link}\n`);
      session.say(
        `It opens the portal once, within ${minutes === 1 ? "a minute" : `${minutes} minutes`}; who has it is let in as you.`,
      );
      if (given.flag("open") && !flags.json)
        await openOrTell(made.link, {
          hasScreen: world.environment.hasScreen,
          openLink: world.openLink,
          tell: session.say,
        });
      return cliExitCodes.ok;
    });
  });
}

/** A link to a page that is not there, or that its node would not let in, helps nobody. */
async function requireServed(
  origin: string,
  { signal, timeoutMs = answerMs }: CliSession["callOptions"],
): Promise<void> {
  const answer = await fetch(`${origin}${portalPath}`, {
    // As the page will when it opens its socket.
    headers: { origin },
    redirect: "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  }).catch((error: unknown) => {
    const why = `No page answers at ${origin} (${rootOf(error)}); is the node running?`;
    throw new MeshError("unavailable", why, { cause: error });
  });
  await answer.body?.cancel();
  const elsewhere = answer.headers.get("location");
  if (elsewhere !== null)
    throw new MeshError(
      "unavailable",
      `${origin}${portalPath} leads on to ${elsewhere}, and a link is good at one address only; give that one's with --origin.`,
    );
  if (!answer.ok) throw new MeshError("unavailable", (reasons[answer.status] ?? otherwise)(origin, answer.status));
}

/** What a fetch that failed failed of: its own message says that it did. */
function rootOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message || String(Reflect.get(cause, "code")) : String(cause);
}

const answerMs = 30_000;
const otherwise = (origin: string, status: number): string =>
  `${origin}${portalPath} answers with HTTP status ${status}.`;
const reasons: Readonly<Record<number, (origin: string) => string>> = {
  403: (origin) =>
    `The node refuses pages of ${origin}; add it to listen.allowedOrigins in its node.yaml, and its host to listen.allowedHosts.`,
  404: (origin) => `The node at ${origin} serves no portal; set listen.portal to true in its node.yaml.`,
  503: () => "The portal is not built there; run: npx -y pnpm@12 build:portal",
};

const help = `
A tab that was let in comes back by itself: after a reload of the page, sleep, a lost network, a restart of the node. It
ends when nobody has used it for 12 hours, with the token it was made under, or with: federation page end ID`;
