import { dutyForTest, submissionForTest, taskForTest } from "../../testing/missions.ts";
import { accept, describeRule, errand, submitted, task } from "../rule-fixture.ts";

const byRob = {
  tasks: [
    taskForTest(20, { state: "submitted", assignee: "rob", submission: submissionForTest(30, { author: "rob" }) }),
  ],
};

describeRule("review-by-another", {
  refuses: [
    [
      "the author does not accept their own",
      "dev",
      accept,
      submitted({ obligations: [dutyForTest(50, "dev", "review", task)] }),
    ],
    ["nor does a human", "rob", accept, errand(submitted(byRob))],
    ["who was not asked does not review", "dan", accept, submitted()],
    [
      "who was asked for another task does not review this one",
      "dan",
      accept,
      submitted({ obligations: [dutyForTest(50, "dan", "review", task.replace(/20$/, "21"))] }),
    ],
    ["nothing is accepted that was not submitted", "ana", accept, submitted({ tasks: [taskForTest(20)] })],
    [
      "nothing is reviewed twice",
      "rob",
      accept,
      submitted({
        tasks: [taskForTest(20, { state: "accepted", submission: submissionForTest(30, { state: "accepted" }) })],
      }),
    ],
  ],
  allows: [
    ["the reviewer accepts", "ana", accept, submitted({ obligations: [dutyForTest(50, "ana", "review", task)] })],
    ["a human may review unasked", "rob", { kind: "reject", task }, submitted()],
    [
      "the result of a human is reviewed by who is asked",
      "ana",
      accept,
      errand(submitted({ ...byRob, obligations: [dutyForTest(50, "ana", "review", task)] })),
    ],
  ],
});
