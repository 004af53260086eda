/** A secret that the page made and nobody can show again: a token, or a link that opens the portal once. */
import type { ControlName } from "@federation/core";
import { useState } from "preact/hooks";
import { Icon } from "../ui/icon.tsx";

export function SecretShown({
  name,
  secret,
  onDone,
}: {
  readonly name: ControlName;
  readonly secret: string;
  readonly onDone: () => void;
}) {
  const [copied, setCopied] = useState(false);
  return (
    <div class="stack">
      <p>
        {name === "IssueTicket"
          ? "This link opens the portal once. Who has it is let in as you."
          : "This token is shown once, and only here: the node knows its hash alone."}
      </p>
      <output class="secret mono">{secret}</output>
      <div class="dialog-actions">
        <button
          type="button"
          class="button"
          onClick={() => void navigator.clipboard.writeText(secret).then(() => setCopied(true))}
        >
          <Icon name="copy" size={14} /> {copied ? "Copied" : "Copy"}
        </button>
        <button type="button" class="button primary" onClick={onDone}>
          I have kept it
        </button>
      </div>
    </div>
  );
}
