/** The two faces of a socket that the client has to do with, for tests that hold it to both. */
import { MeshError } from "@federation/core";
import { openSocket } from "../open-socket.ts";
import { type Dial, socketLine } from "../web.ts";

type DialTo = (url: string, token: string) => Dial;

/** A socket of the package `ws`, as the command line has one. */
const ofNode: DialTo = (url, token) => async (signal) =>
  socketLine(await openSocket({ url, token, insecure: false, handshakeMs: 5000, signal }));

/** A socket with the face that pages know. That a page can set no header is its home's matter. */
const ofPages: DialTo = (url, token) => async () => {
  const socket = new WebSocket(url, { protocols: ["mcp"], headers: { authorization: `Bearer ${token}` } });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new MeshError("unavailable", "refused")), { once: true });
  });
  return socketLine(socket);
};

export const dials = [
  ["of Node", ofNode],
  ["as pages have it", ofPages],
] as const;
