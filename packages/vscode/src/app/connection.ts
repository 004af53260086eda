/** The one session of this window: which node it is with, how it is begun and ended, and that it is kept for the next window. */
import { MeshError } from "@federation/core";
import type * as vscode from "vscode";
import type { Places } from "../finding/find-ways.ts";
import { openWay, wayUrl } from "../finding/open-way.ts";
import { type Way, waySchema } from "../finding/way.ts";
import { type Session, type SessionLog, startSession } from "../session/session.ts";
import { keptAddressesKey, keptWayKey, tokenSecret } from "./kept.ts";

export interface Connected {
  readonly way: Way;
  readonly session: Session;
}

export interface Connection {
  current(): Connected | undefined;
  /**
   * Ends the session before. `patient`: tries until the node is there. What is begun or ended meanwhile takes its place,
   * without an error. @throws MeshError of the first connection.
   */
  begin(way: Way, patient: boolean): Promise<void>;
  /** Ends the session and keeps nothing of it. */
  end(): Promise<void>;
  /** The way that was kept in this workspace. */
  kept(): Way | undefined;
  keepToken(url: string, token: string): Promise<void>;
  forgetToken(url: string): Promise<void>;
  addresses(): readonly string[];
  /** Address of a way, now. @throws MeshError. */
  url(way: Way): Promise<string>;
  /** When it has resolved, no session is left. */
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly context: Pick<vscode.ExtensionContext, "workspaceState" | "globalState" | "secrets">;
  readonly log: SessionLog;
  readonly places: () => Places;
  /** Another session, or none, is the current one; or none is kept any more. */
  readonly onChange: (connected: Connected | undefined) => void;
}

export function createConnection({ context, log, places, onChange }: ConnectionOptions): Connection {
  let connected: Connected | undefined;
  /** Counts what a person asked for: only the latest goes on after a wait. */
  let asked = 0;
  let left = Promise.resolve();
  const { workspaceState, globalState, secrets } = context;
  const grounds = () => ({ ...places(), storedToken: (url: string) => secrets.get(tokenSecret(url)) });
  const addresses = (): readonly string[] => globalState.get<readonly string[]>(keptAddressesKey, []);

  /** Until every session that was left is closed. */
  function leave(): Promise<void> {
    const before = connected;
    connected = undefined;
    if (before === undefined) return left;
    onChange(undefined);
    const closed = before.session.close().then(
      () => log.info("disconnected"),
      (error: unknown) => log.warn(`not closed cleanly: ${MeshError.from(error).message}`),
    );
    left = Promise.all([left, closed]).then(() => {});
    return left;
  }

  return {
    current: () => connected,
    addresses,
    url: (way) => wayUrl(way, grounds()),
    async begin(way, patient) {
      asked += 1;
      const mine = asked;
      await leave();
      if (asked !== mine) return;
      const session = startSession({ open: () => openWay(way, grounds()), patient, log });
      connected = { way, session };
      onChange(connected);
      if (!patient) {
        try {
          await session.ready;
        } catch (error) {
          if (asked !== mine) return;
          await leave();
          throw error;
        }
        if (asked !== mine) return;
      }
      await workspaceState.update(keptWayKey, way);
    },
    async end() {
      asked += 1;
      await workspaceState.update(keptWayKey, undefined);
      if (connected === undefined) onChange(undefined);
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
    async close() {
      asked += 1;
      await leave();
    },
  };
}
