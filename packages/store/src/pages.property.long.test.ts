import { MeshError } from "@federation/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Federation, startFederation } from "./testing/federation-fixture.ts";
import { newSecret, type Pages, pagesOf } from "./testing/pages.ts";

/** What holds of a page whatever is asked, in any order, and whatever answers are lost. */
let federation: Federation;
let pages: Pages;
beforeAll(async () => {
  federation = await startFederation();
  pages = pagesOf(federation);
});
afterAll(() => federation.drop());

type State = "current" | "replaced" | "spent";

/** The rules, without a database: one page, its secrets by name. */
function createModel(first: string, ticket: string) {
  const secrets = new Map<string, State>([[first, "current"]]);
  let [live, behind, ended] = [ticket, false, false];
  const turn = (from: State, to: State): void => {
    for (const [secret, state] of secrets) if (state === from) secrets.set(secret, to);
  };
  return {
    get live() {
      return ended ? undefined : live;
    },
    renew(credential: string, secret: string): "live" | "ended" | "refused" | "conflict" {
      if (ended || credential !== live) return "refused";
      if (secrets.get(secret) !== "current") {
        if (behind) ended = true;
        if (ended) return "ended";
        if (secrets.has(secret)) return "conflict";
        turn("replaced", "spent");
        turn("current", "replaced");
        secrets.set(secret, "current");
      }
      behind = false;
      return "live";
    },
    /** Whether it is let in. */
    back(shown: readonly string[]): boolean {
      const states = shown.flatMap((secret) => secrets.get(secret) ?? []);
      if (ended || states.length === 0) return false;
      if (states.includes("current")) turn("replaced", "spent");
      behind = !states.includes("current");
      if (behind && !states.includes("replaced")) ended = true;
      return !ended;
    },
    opened(credential: string): void {
      live = credential;
    },
    end(): void {
      ended = true;
    },
  };
}

const nth = fc.nat(5);
const asked = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant("renew" as const), from: nth, secret: nth }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("renew from where it is" as const) }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant("back" as const), one: nth, two: fc.option(nth) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("end" as const) }) },
  ),
  { minLength: 1, maxLength: 25 },
);

test("the database does what the rules say, step by step", async () => {
  await fc.assert(
    fc.asyncProperty(asked, async (steps) => {
      const known = [newSecret()];
      const unknown = newSecret();
      const page = await pages.begin(known[0] ?? "");
      const credentials = [page.credential];
      const model = createModel(known[0] ?? "", page.credential);
      /** Counted from the latest; before the first there is one that is none of the page's. */
      const latest = (all: readonly string[], n: number): string => all.at(-1 - n) ?? unknown;
      const renew = async (credential: string, secret: string) => {
        const expected = model.renew(credential, secret);
        const answer = await pages.renew(credential, secret).then(
          ({ state }) => state,
          (error: unknown) => MeshError.from(error).code,
        );
        expect(answer).toBe(expected);
      };
      for (const step of steps) {
        switch (step.do) {
          case "renew":
            // Mostly with a new one.
            if (step.secret > 1) known.push(newSecret());
            await renew(latest(credentials, step.from), latest(known, step.secret > 1 ? 0 : step.secret));
            break;
          case "renew from where it is":
            known.push(newSecret());
            await renew(model.live ?? "none", latest(known, 0));
            break;
          case "back": {
            const shown = [step.one, ...(step.two === null ? [] : [step.two])].map((n) => latest(known, n));
            const expected = model.back(shown);
            const credential = await pages.back(shown);
            expect(credential !== undefined).toBe(expected);
            if (credential !== undefined) {
              credentials.push(credential);
              model.opened(credential);
            }
            break;
          }
          case "end":
            await federation.apply("commander", { op: "end_page_session", id: page.id });
            model.end();
            break;
        }
        const live = await Promise.all(credentials.map(pages.isLive));
        expect(credentials.filter((_, n) => live[n])).toEqual(model.live === undefined ? [] : [model.live]);
      }
    }),
    { numRuns: 60, endOnFailure: true },
  );
}, 120_000);

/** What becomes of something sent: it arrives and is answered, the answer is lost, it never arrives, or it arrives late. */
type Fate = "answered" | "unanswered" | "lost" | "late";

/** A page as it should be written; what it does at the server may be lost on the way there, or on the way back. */
function createPage(first: string, opened: string) {
  /** What it keeps for a reload of the tab. */
  const kept: { current: string; next: string | undefined } = { current: first, next: undefined };
  let open: string | undefined = opened;
  const late: (() => Promise<unknown>)[] = [];
  return {
    kept,
    late,
    get credential() {
      return open;
    },
    /** Asks for a next secret, or once more for the one that it asked for already. */
    async renew(fate: Fate): Promise<void> {
      if (open === undefined) return;
      const from = open;
      kept.next ??= newSecret();
      const { next } = kept;
      if (fate === "late") late.push(() => pages.renew(from, next).catch(() => undefined));
      if (fate === "lost" || fate === "late") {
        open = undefined;
        return;
      }
      // A refusal leaves the question open: it comes back, and asks again.
      const page = await pages.renew(from, next).catch(() => undefined);
      if (page?.state === "ended") [open, kept.next] = [undefined, next];
      else if (page === undefined) open = undefined;
      else if (fate === "answered") [kept.current, kept.next] = [next, undefined];
    },
    /** False: it was let in no more. */
    async back(fate: Fate): Promise<boolean> {
      open = undefined;
      if (fate === "lost" || fate === "late") return true;
      const credential = await pages.back(kept.next === undefined ? [kept.current] : [kept.next, kept.current]);
      if (fate === "answered") open = credential;
      return credential !== undefined;
    },
  };
}

const fate = fc.constantFrom<Fate>("answered", "answered", "unanswered", "lost", "late");
const move = fc.record({
  do: fc.constantFrom("renew" as const, "back" as const, "what is late arrives" as const),
  fate,
});

test("a page never locks itself out, whatever is lost on the way or comes late", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 25 }), async (moves) => {
      const first = newSecret();
      const begun = await pages.begin(first);
      const page = createPage(first, begun.credential);
      for (const { do: what, fate } of moves) {
        if (what === "renew") await page.renew(fate);
        else if (what === "back") expect(await page.back(fate)).toBe(true);
        else for (const arrives of page.late.splice(0)) await arrives();
        expect(await pages.find(begun.id)).toMatchObject({ state: "live" });
      }
      expect(await page.back("answered")).toBe(true);
      for (const arrives of page.late.splice(0)) await arrives();
      await page.renew("answered");
      expect(await page.back("answered")).toBe(true);
    }),
    { numRuns: 60, endOnFailure: true },
  );
}, 120_000);

test("who has copied what a page keeps is never in beside it, and neither is in for long when both come back", async () => {
  const honest = fc.array(move, { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(honest, honest, fc.array(fc.boolean(), { maxLength: 4 }), async (before, after, thiefRenews) => {
      const first = newSecret();
      const begun = await pages.begin(first);
      const page = createPage(first, begun.credential);
      const live = async () =>
        (await Promise.all([page.credential, thief?.credential].map((it) => pages.isLive(it ?? "none")))).filter(
          Boolean,
        );
      const play = async (moves: typeof before) => {
        for (const { do: what, fate } of moves) {
          if (what === "renew") await page.renew(fate);
          else if (what === "back") await page.back(fate);
          else for (const arrives of page.late.splice(0)) await arrives();
          expect((await live()).length).toBeLessThanOrEqual(1);
        }
      };
      let thief: ReturnType<typeof createPage> | undefined;
      await play(before);
      thief = createPage("", "none");
      Object.assign(thief.kept, page.kept);
      await play(after);
      // The thief goes about it as it likes, and the page knows nothing of it.
      for (const renews of thiefRenews) {
        await (renews ? thief.renew("answered") : thief.back("answered"));
        expect((await live()).length).toBeLessThanOrEqual(1);
      }
      // Whoever comes back is in alone; when both do and renew as pages do, it is over for both.
      for (let round = 0; round < 3; round++)
        for (const one of [page, thief]) {
          await one.back("answered");
          await one.renew("answered");
          expect((await live()).length).toBeLessThanOrEqual(1);
        }
      expect(await pages.find(begun.id)).toMatchObject({ state: "ended" });
      expect(await live()).toEqual([]);
    }),
    { numRuns: 60, endOnFailure: true },
  );
}, 120_000);
