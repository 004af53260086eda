/** That the page hears of nothing new although its node is there, and why. */
import { Icon } from "../ui/icon.tsx";
import { Revealed } from "../ui/words.tsx";
import { useApp } from "./app.ts";

export function FollowBanner() {
  const { mesh, log } = useApp();
  const state = log.state.value;
  if (state.is !== "failed" || mesh.connection.value.state !== "connected") return null;
  return (
    <div class="banner bad" role="status" data-not-following>
      <Icon name="warn" />
      <p class="grow">
        This page does not follow what happens (<Revealed text={state.reason} />
        ). It tries again by itself, and misses nothing by that.
      </p>
    </div>
  );
}
