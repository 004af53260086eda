/**
 * A real browser for tests: Chromium of the machine, driven from outside.
 *
 * 1. Without one the tests are skipped, loudly: by name in the tally, and with how to get one on standard error.
 * 2. Every browser has a profile of its own, and is closed by who opened it.
 */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/opt/google/chrome/chrome"];

/** `FEDERATION_TEST_CHROMIUM`, or where distributions put it. */
export const chromiumPath = [process.env["FEDERATION_TEST_CHROMIUM"], ...usual].find(
  (it): it is string => it !== undefined && existsSync(it),
);

/** For `describe.skipIf`. */
export const noBrowser = chromiumPath === undefined;
if (noBrowser)
  process.stderr.write(
    "SKIPPED: no Chromium on this machine. As root on Debian: apt-get install chromium; or name one with FEDERATION_TEST_CHROMIUM.\n",
  );

export async function launchBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error("there is no Chromium here");
  return await chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
