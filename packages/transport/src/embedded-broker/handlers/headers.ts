import type { Frame } from "../frame.ts";
import { StompError } from "../stomp-error.ts";

/** A header that is an identifier: what the broker keeps or echoes stays short. */
export function shortHeader(frame: Frame, name: string): string | undefined {
  const value = frame.headers.get(name);
  if (value !== undefined && (value === "" || value.length > 256)) {
    throw new StompError(`The ${name} header must be 1 to 256 characters.`);
  }
  return value;
}

export function requiredHeader(frame: Frame, name: string): string {
  const value = shortHeader(frame, name);
  if (value === undefined) throw new StompError(`${frame.command} needs the ${name} header.`);
  return value;
}
