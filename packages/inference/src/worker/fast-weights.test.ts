import { expect, test } from "vitest";
import { fixtureModelBytes } from "../fixture/fixture-model.ts";
import { widen } from "./fast-weights.ts";

const half = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  new DataView(bytes.buffer, bytes.byteOffset, 2).setFloat16(0, value, true);
  return bytes;
};
const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const text = (value: string): Buffer => Buffer.concat([u64(value.length), Buffer.from(value)]);
const align = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)]);

/** One 4-bit tensor of two blocks, then one of 32-bit floats. */
function smallFile(): Buffer {
  const block = (step: number, lowest: number): Buffer =>
    Buffer.concat([half(step), half(lowest), Buffer.from(Array.from({ length: 16 }, (_, i) => i | ((15 - i) << 4)))]);
  const head = Buffer.concat([
    Buffer.from("GGUF"),
    u32(3),
    u64(2),
    u64(2),
    ...[text("a.list"), u32(9), u32(8), u64(2), text("x"), text("yz")],
    ...[text("a.flag"), u32(7), Buffer.from([1])],
    ...[text("w"), u32(2), u64(32), u64(2), u32(3), u64(0)],
    ...[text("n"), u32(1), u64(3), u32(0), u64(64)],
  ]);
  const floats = Buffer.from(Float32Array.of(1.5, -2, 3).buffer);
  return Buffer.concat([align(head), align(Buffer.concat([block(0.25, -2), block(0, 0)])), floats]);
}

test("each weight keeps its value to a 127th of its block's largest, and other tensors their bytes", () => {
  const file = smallFile();
  const wide = widen(file);
  if (wide === undefined) throw new Error("Nothing was widened.");
  // 96 bytes: two blocks of 34 bytes, padded to a multiple of 32.
  const start = wide.length - 96 - 32;
  expect(wide.subarray(start + 96, start + 108)).toEqual(file.subarray(-12));
  const view = new DataView(wide.buffer, wide.byteOffset + start);
  const unit = view.getFloat16(0, true);
  for (let i = 0; i < 16; i += 1) {
    expect(Math.abs(unit * view.getInt8(2 + i) - (-2 + 0.25 * i))).toBeLessThanOrEqual(2 / 127);
    expect(Math.abs(unit * view.getInt8(18 + i) - (-2 + 0.25 * (15 - i)))).toBeLessThanOrEqual(2 / 127);
  }
  expect(new Uint8Array(wide.subarray(start + 34, start + 68))).toEqual(new Uint8Array(34));
});

test("a file without such weights is left alone", () => {
  expect(widen(fixtureModelBytes())).toBeUndefined();
});
