import { describeRule, errand, giveBack, handBack, mine, submit, taken } from "../rule-fixture.ts";

describeRule("leases-and-hand-back", {
  refuses: [
    ["a task that changed hands often enough stays", "dev", handBack, mine({ reassignments: 1 })],
    ["an errand that changed hands often enough stays", "dev", handBack, errand(mine({ reassignments: 2 }))],
  ],
  allows: [
    ["the holder hands back", "dev", handBack, mine()],
    ["what may not be handed back is submitted", "dev", submit, mine({ reassignments: 1 })],
    ["giving back to whom it was taken from is no change of hands", "rob", giveBack, taken()],
  ],
});
