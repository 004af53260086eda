/** That the node is away, since when and why: what is shown is from before. */
import { Icon } from "../ui/icon.tsx";
import { spanText } from "../ui/time.tsx";
import { Revealed } from "../ui/words.tsx";
import { useApp } from "./app.ts";

/** A moment's absence is not worth a word. */
const notableMs = 1_500;

export function OfflineBanner() {
  const { mesh, clock } = useApp();
  const connection = mesh.connection.value;
  if (connection.state !== "connecting") return null;
  // Looked at once a second, with the clock.
  const awayMs = clock.nowMs.value - connection.sinceMs;
  if (awayMs < notableMs) return null;
  return (
    <div class="banner warn" role="status" data-offline>
      <Icon name="plug" />
      <p class="grow">
        Your node is away for {spanText(awayMs)}
        {connection.lastError === undefined ? (
          ""
        ) : (
          <>
            {" "}
            (<Revealed text={connection.lastError} />)
          </>
        )}
        . What you see is from before. The page comes back by itself, and says what it missed; a command that you give
        now waits half a minute for that.
      </p>
    </div>
  );
}
