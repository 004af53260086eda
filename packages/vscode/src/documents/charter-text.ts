/** The charter as a document: every article with its reason and its numbers. */
import type { ControlResponse } from "@federation/core";
import { atText } from "../text/times.ts";

export function charterText(charter: ControlResponse<"ShowCharter">): string {
  const { version, how, adoptedBy, adoptedAt, motive, sha256, articles, parameters, off, advisories } = charter;
  const head = [
    `# The charter, version ${version}`,
    `In force by ${how === "vote" ? "a vote" : how === "commander" ? "the commander's word" : "being shipped"}, by ${adoptedBy}, ${atText(adoptedAt)}. SHA-256 \`${sha256}\`.`,
    ...(motive === "" ? [] : [`Why it changed: ${motive}`]),
  ];
  const body = articles.map((it) => {
    const numbers = Object.entries(parameters[it.id] ?? {}).map(
      ([name, value]) => `- ${name}: \`${JSON.stringify(value)}\``,
    );
    const marks = [
      ...(off.includes(it.id) ? ["switched off"] : []),
      ...(it.optional ? ["optional"] : []),
      ...(it.entrenched ? ["entrenched"] : []),
    ];
    return [
      `## ${it.title}`,
      `\`${it.id}\`${marks.length === 0 ? "" : `, ${marks.join(", ")}`}. ${it.principle}`,
      it.text,
      ...(numbers.length === 0 ? [] : [numbers.join("\n")]),
      `*${it.rationale.trim().replace(/\s+/g, " ")}*`,
    ].join("\n\n");
  });
  const advice =
    advisories.length === 0 ? [] : ["## Advice", ...advisories.map((it) => `### ${it.title}\n\n${it.text}`)];
  return `${[...head, ...body, ...advice].join("\n\n")}\n`;
}
