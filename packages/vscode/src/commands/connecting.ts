/** Federation: Connect, Disconnect, Forget Token. */
import { MeshError } from "@federation/core";
import * as vscode from "vscode";
import { askWords, type Choice, choose } from "../app/ask.ts";
import type { Connection } from "../app/connection.ts";
import { places } from "../app/settings.ts";
import { tell } from "../app/tell.ts";
import { addressProblem } from "../finding/addresses.ts";
import { findWays } from "../finding/find-ways.ts";
import { sameWay, type Way, wayText } from "../finding/way.ts";
import { oneLine } from "../text/one-line.ts";

const keepTrying = "Keep Trying";
const otherToken = "Give Another Token";
const otherNode = "Another Node";
const usualAddress = "ws://127.0.0.1:7400/mcp";

export function connectingCommands(connection: Connection) {
  return {
    async connect(): Promise<void> {
      const found = await findWays(places());
      const [first] = found;
      const current = connection.current();
      if (found.length === 1 && first !== undefined && current === undefined) return await begin(first.way);
      const choices: readonly Choice<Way | "other">[] = [
        ...found.map(({ way, title, detail }) => ({
          label: title,
          description: current !== undefined && sameWay(way, current.way) ? "connected" : "",
          detail,
          value: way,
        })),
        { label: "Another node…", description: "", detail: "By its address, with a token", value: "other" },
      ];
      const chosen = found.length === 0 ? "other" : await choose("Federation: Connect", choices, "Which node?");
      if (chosen === "other") return await other();
      if (chosen !== undefined) await begin(chosen);
    },

    async disconnect(): Promise<void> {
      await connection.end();
    },

    async forgetToken(): Promise<void> {
      const url = await choose(
        "Federation: Forget Token",
        connection.addresses().map((it) => ({ label: it, value: it })),
        "The token of which address?",
      );
      if (url === undefined) return;
      await connection.forgetToken(url);
      setKeepsToken();
      const { way } = connection.current() ?? {};
      if (way?.kind === "address" && way.url === url) await connection.end();
    },
  };

  function setKeepsToken(): void {
    void vscode.commands.executeCommand("setContext", "federation.keepsToken", connection.addresses().length > 0);
  }

  /** By an address that is typed, or is in the settings, with a token that is asked for. */
  async function other(): Promise<void> {
    const url = await askWords({
      title: "Federation: Connect",
      prompt: "Address of your node. On this machine, a mesh is started with: npx -y pnpm@12 dev",
      needed: true,
      value: usualAddress,
      problem: addressProblem,
    });
    if (url !== undefined) await begin({ kind: "address", url });
  }

  async function askToken(url: string): Promise<boolean> {
    const token = await askWords({
      title: "Federation: Connect",
      prompt: `Token for ${url}, as in: federation token issue --to FILE. It is kept in the editor's secret store.`,
      needed: true,
      secret: true,
    });
    if (token === undefined) return false;
    await connection.keepToken(url, token);
    setKeepsToken();
    return true;
  }

  async function begin(way: Way): Promise<void> {
    if (way.kind === "address") {
      const problem = addressProblem(way.url);
      if (problem !== undefined) {
        void tell.error(`${way.url}: ${problem}`);
        return;
      }
      if (!connection.addresses().includes(way.url) && !(await askToken(way.url))) return;
    }
    try {
      await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Window, title: `Federation: connecting to ${wayText(way)}` },
        () => connection.begin(way, false),
      );
    } catch (thrown) {
      await tellProblem(way, MeshError.from(thrown));
    }
  }

  async function tellProblem(way: Way, { code, message }: MeshError): Promise<void> {
    const away = code === "unavailable";
    const hint = away && way.kind === "local" ? " Start the mesh with: npx -y pnpm@12 dev" : "";
    const asksToken = way.kind === "address" && code === "unauthenticated";
    const chosen = await tell.error(
      `${oneLine(message, 300)}${hint}`,
      ...(away ? [keepTrying] : asksToken ? [otherToken] : []),
      otherNode,
    );
    if (chosen === keepTrying) await connection.begin(way, true);
    if (chosen === otherToken && way.kind === "address" && (await askToken(way.url))) await begin(way);
    if (chosen === otherNode) await other();
  }
}
