import { MeshError } from "@federation/core";
import { isActorName } from "../../destinations.ts";
import type { BrokerContext } from "../context.ts";
import { encodeFrame, type Frame } from "../frame.ts";
import type { Heartbeat, Session } from "../session.ts";
import { StompError } from "../stomp-error.ts";

/** Often enough to notice a dead client soon, seldom enough not to be a load. */
const minHeartbeatMs = 100;

export function handleConnect(context: BrokerContext, session: Session, frame: Frame): void {
  if (session.phase().name !== "unknown") throw new StompError("The session is already connected.");
  const versions = (frame.headers.get("accept-version") ?? "1.0").split(",");
  if (!versions.includes("1.2")) throw new StompError("This broker speaks STOMP 1.2 only.");
  const heartbeat = agreeHeartbeat(frame.headers.get("heart-beat"));
  const login = frame.headers.get("login") ?? "";
  const passcode = frame.headers.get("passcode") ?? "";
  session.beginLogin();
  void logIn(context, session, { login, passcode, heartbeat });
}

interface LoginRequest {
  readonly login: string;
  readonly passcode: string;
  readonly heartbeat: Heartbeat;
}

async function logIn(context: BrokerContext, session: Session, request: LoginRequest): Promise<void> {
  const { login, passcode, heartbeat } = request;
  const known = isActorName(login) && (await check(context, login, passcode));
  if (session.phase().name !== "authenticating") return;
  if (!known) {
    context.counters.refusedLogins += 1;
    // The same answer for an unknown login and a wrong passcode.
    session.fail("The login or passcode is not known here.");
    return;
  }
  const others = [...context.sessions].filter((other) => {
    const phase = other.phase();
    return phase.name === "connected" && phase.login === login;
  });
  if (others.length >= context.limits.maxConnectionsPerLogin) {
    session.fail("This login has as many connections as it may.");
    return;
  }
  session.accept(login, heartbeat);
  session.write(
    encodeFrame("CONNECTED", [
      ["version", "1.2"],
      ["server", "Federation-Embedded/0.1.0"],
      ["session", session.id],
      ["heart-beat", `${heartbeat.sendMs},${heartbeat.expectMs}`],
    ]),
  );
  context.log.info({ session: session.id, login }, "A node connected to the embedded broker.");
}

async function check({ authenticate, log }: BrokerContext, login: string, passcode: string): Promise<boolean> {
  try {
    return await authenticate(login, passcode);
  } catch (error) {
    log.error({ login, error: MeshError.from(error).message }, "A login could not be checked.");
    return false;
  }
}

/** Takes what the client offers and asks for, within reason. */
function agreeHeartbeat(header: string | undefined): Heartbeat {
  if (header === undefined) return { sendMs: 0, expectMs: 0 };
  const match = /^(\d{1,9}),(\d{1,9})$/.exec(header);
  if (match === null) throw new StompError("The heart-beat header must be two whole numbers.");
  const [offered, asked] = [Number(match[1]), Number(match[2])];
  return {
    sendMs: asked === 0 ? 0 : Math.max(asked, minHeartbeatMs),
    expectMs: offered === 0 ? 0 : Math.max(offered, minHeartbeatMs),
  };
}
