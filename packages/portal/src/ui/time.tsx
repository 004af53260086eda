import { useApp } from "../app/app.ts";

/** Of a day, to the second. */
export const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const dayAndClock = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** `3.2 s`, `41 s`, `12 min`, `3 h 5 min`, `2 d`. */
export function spanText(ms: number): string {
  const s = Math.max(0, ms) / 1_000;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 60) return `${Math.floor(s)} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return min < 10 && s % 60 >= 1 ? `${min} min ${Math.floor(s % 60)} s` : `${min} min`;
  const h = Math.floor(min / 60);
  if (h < 48) return min % 60 === 0 ? `${h} h` : `${h} h ${min % 60} min`;
  return `${Math.floor(h / 24)} d`;
}

/** When, as a time of day; with the date where it is another day. */
export function At({ time }: { readonly time: string }) {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return <span>unknown time</span>;
  const today = new Date().toDateString() === date.toDateString();
  return (
    <time class="number" dateTime={time} title={dayAndClock.format(date)}>
      {today ? clock.format(date) : dayAndClock.format(date)}
    </time>
  );
}

/** How long ago. */
export function Since({ time, suffix = "ago" }: { readonly time: string; readonly suffix?: string }) {
  const ms = useApp().clock.nowMs.value - Date.parse(time);
  const text = ms < 5_000 ? (suffix === "" ? spanText(ms) : "just now") : `${spanText(ms)} ${suffix}`.trimEnd();
  return (
    <time class="number" dateTime={time} title={dayAndClock.format(new Date(time))}>
      {text}
    </time>
  );
}

/** How long until a deadline, or by how much it has passed. */
export function Countdown({ to, soonMs = 30_000 }: { readonly to: string; readonly soonMs?: number }) {
  const leftMs = Date.parse(to) - useApp().clock.nowMs.value;
  const tone = leftMs <= 0 ? "bad" : leftMs < soonMs ? "warn" : "plain";
  return (
    <time class={`number countdown ${tone}`} dateTime={to} title={dayAndClock.format(new Date(to))}>
      {leftMs > 0 ? `${spanText(leftMs)} left` : `${spanText(-leftMs)} late`}
    </time>
  );
}
