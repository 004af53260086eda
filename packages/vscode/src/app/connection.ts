/** The one session of this window: which node it is with, how it is begun and ended, and that it is kept for the next window. */
import type * as vscode from "vscode";
import { openWay } from "../finding/open-way.ts";
import { type Way, waySchema } from "../finding/way.ts";
import { type Session, type SessionLog, startSession } from "../session/session.ts";
import { keptAddressesKey, keptWayKey, tokenSecret } from "./kept.ts";

export interface Connected {
  readonly way: Way;
  readonly session: Session;
}

export interface Connection {
  current(): Connected | undefined;
  /** Ends the session before. `patient`: tries until the node is there. @throws MeshError of the first connection. */
  begin(way: Way, patient: boolean): Promise<void>;
  /** Ends the session and keeps nothing of it. */
  end(): Promise<void>;
  /** The way that was kept in this workspace. */
  kept(): Way | undefined;
  keepToken(url: string, token: string): Promise<void>;
  forgetToken(url: string): Promise<void>;
  addresses(): readonly string[];
  /** Address and token of a way, now. @throws MeshError. */
  open(way: Way): ReturnType<typeof openWay>;
  close(): Promise<void>;
}

/** @param onChange another session, or none, is the current one. */
export function createConnection(
  context: vscode.ExtensionContext,
  log: SessionLog,
  onChange: (connected: Connected | undefined) => void,
): Connection {
  let connected: Connected | undefined;
  const { workspaceState, globalState, secrets } = context;
  const open = (way: Way) => openWay(way, (url) => secrets.get(tokenSecret(url)));
  const addresses = (): readonly string[] => globalState.get<readonly string[]>(keptAddressesKey, []);

  async function leave(): Promise<void> {
    const before = connected;
    connected = undefined;
    if (before === undefined) return;
    onChange(undefined);
    await before.session.close();
    log.info("disconnected");
  }

  return {
    current: () => connected,
    addresses,
    open,
    async begin(way, patient) {
      await leave();
      const session = startSession({ open: () => open(way), patient, log });
      const made: Connected = { way, session };
      connected = made;
      onChange(made);
      if (patient) await workspaceState.update(keptWayKey, way);
      else {
        try {
          await session.ready;
        } catch (error) {
          if (connected === made) await leave();
          throw error;
        }
        await workspaceState.update(keptWayKey, way);
      }
    },
    async end() {
      await workspaceState.update(keptWayKey, undefined);
      await leave();
    },
    kept: () => waySchema.safeParse(workspaceState.get(keptWayKey)).data,
    async keepToken(url, token) {
      await secrets.store(tokenSecret(url), token);
      await globalState.update(keptAddressesKey, [...new Set([...addresses(), url])]);
    },
    async forgetToken(url) {
      await secrets.delete(tokenSecret(url));
      await globalState.update(
        keptAddressesKey,
        addresses().filter((it) => it !== url),
      );
    },
    close: leave,
  };
}
