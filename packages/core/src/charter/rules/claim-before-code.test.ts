import {
  assembly,
  claim,
  describeRule,
  errand,
  given,
  handBack,
  mine,
  openTask,
  other,
  submit,
  takeOver,
} from "../rule-fixture.ts";

const held = (...scope: string[]) => ({ heldScopes: [{ task: other, holder: "dan", scope }] });

describeRule("claim-before-code", {
  refuses: [
    ["a held task is not claimed", "dev", claim, mine({ holder: "dan" })],
    ["a task is not bound to any number of paths", "lea", { ...openTask("fix"), patterns: 17 }, assembly()],
    ["a submitted task is not claimed", "dev", claim, mine({ state: "submitted", leaseLive: false })],
    ["what its assignee let go is not claimed", "dev", claim, given({ state: "released" })],
    ["no result without a claim", "dev", submit, given()],
    ["no result for another's claim", "dan", submit, mine()],
    ["no result after the lease ran out", "dev", submit, mine({ leaseLive: false })],
    ["nobody hands back what they do not hold", "dan", handBack, mine()],
    ["there is no claim on a task of another mission", "dev", claim, { ...given(), tasks: [] }],
    ["what another task has to be done for first is not claimed", "dev", claim, errand(given({ needs: [other] }))],
    [
      "paths that another holds are not claimed",
      "dev",
      claim,
      errand({ ...given({ scope: ["src/**"] }), ...held("src/core/*.ts") }),
    ],
    [
      "paths are not claimed again once another has them",
      "dev",
      claim,
      errand({ ...mine({ scope: ["src/**"], leaseLive: false }), ...held("src/a.ts") }),
    ],
    ["nor does a human take over what waits for another task", "rob", takeOver, errand(given({ needs: [other] }))],
    [
      "nor what another holds the paths of",
      "rob",
      takeOver,
      errand({ ...given({ scope: ["src/**"] }), ...held("src/a.ts") }),
    ],
  ],
  allows: [
    ["a task is bound to some paths", "lea", { ...openTask("fix"), patterns: 16 }, assembly()],
    ["the assignee claims", "dev", claim, given()],
    ["the assignee claims again after the lease ran out", "dev", claim, mine({ leaseLive: false })],
    ["the holder submits", "dev", submit, mine()],
    [
      "paths beside those of another are claimed",
      "dev",
      claim,
      errand({ ...given({ scope: ["docs/**"] }), ...held("src/**") }),
    ],
    ["a task without paths overlaps with nobody's", "dev", claim, errand({ ...given(), ...held("src/**") })],
    [
      "a claim is no obstacle to itself",
      "rob",
      takeOver,
      errand({
        ...mine({ scope: ["src/**"] }),
        heldScopes: [{ task: mine().tasks?.[0]?.id ?? "", holder: "dev", scope: ["src/**"] }],
      }),
    ],
    ["what is held is submitted, whatever was opened since", "dev", submit, errand(mine({ needs: [other] }))],
  ],
});
