import { expect, it } from "vitest";
import type { PlainSocket } from "../web-socket-transport.ts";
import { socketLine } from "./socket-line.ts";

it("a line of a page is gone when it is dropped, though the other side never answers its closing frame", async () => {
  let closing = false;
  const deaf: PlainSocket = {
    readyState: 1,
    send() {},
    close() {
      closing = true;
    },
    addEventListener() {},
  };
  const line = socketLine(deaf);
  let told = 0;
  line.transport.onclose = () => {
    told += 1;
  };
  line.drop();
  expect(await Promise.race([line.gone, "still there"])).toEqual({ fatal: undefined });
  expect({ closing, told }).toEqual({ closing: true, told: 1 });
});
