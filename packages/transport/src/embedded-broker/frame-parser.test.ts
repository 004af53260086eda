import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame, escapeHeader, type Frame, unescapeHeader } from "./frame.ts";
import { createFrameParser, FrameError, type FrameLimits } from "./frame-parser.ts";

const limits: FrameLimits = {
  maxFrameBytes: 64_000,
  maxBodyBytes: 32_000,
  maxHeaders: 100,
  maxHeaderLineBytes: 10_240,
};

function parseAll(chunks: Iterable<Uint8Array>, within: FrameLimits = limits): Frame[] {
  const parser = createFrameParser(within);
  const frames: Frame[] = [];
  for (const chunk of chunks) {
    parser.push(chunk);
    for (let frame = parser.next(); frame !== undefined; frame = parser.next()) frames.push(frame);
  }
  return frames;
}

function parse(text: string, within: FrameLimits = limits): Frame[] {
  return parseAll([Buffer.from(text)], within);
}

/** Cuts `bytes` at the given places (taken modulo its length). */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, index) => bytes.subarray(start, at[index] ?? bytes.length));
}

const headerText = fc.string({ unit: "binary", maxLength: 40 }).filter((text) => !text.includes("\0"));
const frameArbitrary = fc.record({
  headers: fc.uniqueArray(
    fc.tuple(
      headerText.filter((name) => name !== "" && name !== "content-length"),
      headerText,
    ),
    {
      selector: ([name]) => name,
      maxLength: 8,
    },
  ),
  body: fc.uint8Array({ maxLength: 300 }),
});

describe("properties", () => {
  test("any frames survive any cutting of their bytes, with heart-beats between them", () => {
    const stream = fc.array(fc.tuple(frameArbitrary, fc.constantFrom("", "\n", "\r\n", "\n\n\r\n")), { maxLength: 5 });
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 20 }), (sent, places) => {
        const bytes = Buffer.concat(
          sent.flatMap(([{ headers, body }, after]) => [encodeFrame("SEND", headers, body), Buffer.from(after)]),
        );
        const frames = parseAll(cut(bytes, places));
        expect(frames).toHaveLength(sent.length);
        for (const [index, frame] of frames.entries()) {
          const [expected] = sent[index] ?? [];
          const headers = new Map(frame.headers);
          headers.delete("content-length");
          expect(headers).toEqual(new Map(expected?.headers));
          expect([...frame.body]).toEqual([...(expected?.body ?? [])]);
        }
      }),
    );
  });

  test("any bytes give frames or a FrameError, and the same ones however they are cut", () => {
    const fragment = fc.constantFrom(
      ...[
        "SEND",
        "CONNECT",
        "ACK",
        "\n",
        "\r\n",
        "\0",
        ":",
        "a:b\n",
        "content-length:",
        "3",
        "-1",
        "\\n",
        "\\t",
        "xyz\0",
      ],
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
      fc.array(fragment, { maxLength: 30 }).map((parts) => Buffer.from(parts.join(""))),
    );
    const outcome = (chunks: readonly Buffer[]): unknown => {
      try {
        return parseAll(chunks).map((frame) => [frame.command, [...frame.headers], frame.body.toString("hex")]);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
        return "refused";
      }
    };
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(), { maxLength: 20 }), (input, places) => {
        expect(outcome(cut(input, places))).toEqual(outcome([input]));
      }),
      { numRuns: 500 },
    );
  });

  test("a header value that was escaped is un-escaped to itself, in one pass", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => unescapeHeader(escapeHeader(text)) === text));
    expect(unescapeHeader("C:\\\\new\\\\table".replaceAll(":", "\\c"))).toBe("C:\\new\\table");
  });
});

describe("what STOMP 1.2 allows is read", () => {
  test("CRLF line ends", () => {
    const [frame] = parse("SEND\r\ndestination:/queue/a\r\n\r\nbody\0");
    expect([...(frame?.headers ?? [])]).toEqual([["destination", "/queue/a"]]);
    expect(frame?.body.toString()).toBe("body");
  });

  test("a body with NUL, when its length is given", () => {
    expect(parse("SEND\ncontent-length:3\n\na\0b\0")[0]?.body.toString()).toBe("a\0b");
  });

  test("of repeated headers the first counts", () => {
    expect(parse("SEND\na:first\na:second\n\n\0")[0]?.headers.get("a")).toBe("first");
  });

  test("CONNECT is not un-escaped and may hold colons", () => {
    expect(parse("CONNECT\npasscode:a:b\\n\n\n\0")[0]?.headers.get("passcode")).toBe("a:b\\n");
  });

  test("a million heart-beats are nothing", () => {
    expect(parseAll([Buffer.alloc(1_000_000, "\n"), encodeFrame("BEGIN", [["transaction", "t"]])])).toHaveLength(1);
  });
});

describe("what it does not allow is refused", () => {
  const many = (count: number, line: (index: number) => string) =>
    Array.from({ length: count }, (_, i) => line(i)).join("");
  const cases: readonly (readonly [what: string, text: string])[] = [
    ["lower-case command", "send\n\n\0"],
    ["command with a space", "SEND \n\n\0"],
    ["command without an end", "A".repeat(100)],
    ["NUL between frames", "\0SEND\n\n\0"],
    ["carriage return alone", "\rSEND\n\n\0"],
    ["header without a colon", "SEND\nnonsense\n\n\0"],
    ["header without a name", "SEND\n:value\n\n\0"],
    ["unescaped colon in a value", "SEND\na:b:c\n\n\0"],
    ["unknown escape", "SEND\na:b\\tc\n\n\0"],
    ["escape without an end", "SEND\na:b\\\n\n\0"],
    ["NUL in a header", "SEND\na:b\0c\n\n\0"],
    ["carriage return in a header", "SEND\na:b\rc\n\n\0"],
    ["header line over the limit", `SEND\na:${"x".repeat(10_240)}\n\n\0`],
    ["header line over the limit without an end", `SEND\na:${"x".repeat(10_240)}`],
    ["too many headers", `SEND\n${many(101, (index) => `h${index}:v\n`)}\n\0`],
    ["too many of one header", `SEND\n${many(1_001, () => "h:v\n")}\n\0`],
    ["headers over the limit together", `SEND\n${many(8, (index) => `h${index}:${"x".repeat(9_000)}\n`)}\n\0`],
    ["negative content-length", "SEND\ncontent-length:-5\n\nbody\0"],
    ["huge content-length", "SEND\ncontent-length:2147483647\n\nbody\0"],
    ["content-length that is no number", "SEND\ncontent-length:abc\n\nbody\0"],
    ["content-length with a tail", "SEND\ncontent-length:4x\n\nbody\0"],
    ["content-length too short", "SEND\ncontent-length:2\n\nbody\0"],
    ["content-length too long", "SEND\ncontent-length:5\n\nbody\0\n"],
    ["body over the limit", `SEND\n\n${"x".repeat(32_001)}`],
    ["body on a frame that has none", "SUBSCRIBE\nid:1\n\nbody\0"],
    ["length of a body on a frame that has none", "ACK\ncontent-length:4\n\nbody\0"],
  ];
  test.each(cases)("%s", (_what, text) => {
    expect(() => parse(text)).toThrow(FrameError);
    // The same one byte at a time.
    expect(() => parseAll(Array.from(Buffer.from(text), (byte) => Buffer.of(byte)))).toThrow(FrameError);
  });

  test("bytes that are not UTF-8", () => {
    expect(() => parseAll([Buffer.from([83, 69, 0xff, 10, 10, 0])])).toThrow(FrameError);
    expect(() =>
      parseAll([Buffer.concat([Buffer.from("SEND\na:"), Buffer.from([0xc3, 0x28]), Buffer.from("\n\n\0")])]),
    ).toThrow(FrameError);
  });

  test("the limits can be widened once the client is known", () => {
    const parser = createFrameParser({ ...limits, maxFrameBytes: 100 });
    const large = encodeFrame("SEND", [["destination", "/queue/a"]], Buffer.alloc(1_000));
    parser.setLimits(limits);
    parser.push(large);
    expect(parser.next()?.body).toHaveLength(1_000);
    const narrow = createFrameParser({ ...limits, maxFrameBytes: 100 });
    narrow.push(large);
    expect(() => narrow.next()).toThrow(FrameError);
  });
});

test("a large body that comes byte by byte costs time in proportion", () => {
  const bytes = encodeFrame("SEND", [["destination", "/queue/a"]], Buffer.alloc(30_000, "x"));
  const began = performance.now();
  expect(parseAll(Array.from(bytes, (byte) => Buffer.of(byte)))).toHaveLength(1);
  expect(performance.now() - began).toBeLessThan(2_000);
});
