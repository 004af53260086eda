import { amend, assembly, describeRule } from "../rule-fixture.ts";

describeRule("audit", {
  refuses: [["the record is not switched off", "rob", amend("audit", "switch_off"), assembly()]],
  allows: [["how soon the record is sealed may be voted on", "dev", amend("audit"), assembly()]],
});
