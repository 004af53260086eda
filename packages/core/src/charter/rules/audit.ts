import { type Rule, refuse } from "../case.ts";

/** What the law decided stays on record: no amendment may say otherwise. */
export const audit: Rule = ({ head }) => {
  if (head.kind !== "amend" || head.article !== "audit" || head.change !== "switch_off") return null;
  return refuse("the record of verdicts cannot be switched off", "propose other parameters of the article audit");
};
