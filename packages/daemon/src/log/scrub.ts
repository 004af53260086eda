/**
 * Takes secrets out of what is about to be logged.
 *
 * 1. A field whose name is that of a secret is replaced whole, at any depth.
 * 2. Credentials inside texts (in URLs, after `Bearer`) are masked wherever they stand.
 * 3. What is too deep or too wide is cut: a log line is never the biggest thing in memory.
 */
import { stdSerializers } from "pino";

const secretNames = new Set([
  "token",
  "accesstoken",
  "passcode",
  "password",
  "passwd",
  "secret",
  "authorization",
  "cookie",
  "apikey",
  "credentials",
]);
const maxDepth = 8;
const maxEntries = 100;
const maxText = 8192;

export const redacted = "[redacted]";

export function scrubText(text: string): string {
  const short = text.length > maxText ? `${text.slice(0, maxText)}…` : text;
  return short
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^/\s:@"']*):[^@\s"']+@/gi, `$1:${redacted}@`)
    .replace(/\bBearer\s+[A-Za-z0-9._~+/=-]+/gi, `Bearer ${redacted}`)
    .replace(/([?&](?:token|access_token|passcode|password)=)[^&\s"']+/gi, `$1${redacted}`);
}

export function scrubFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return scrubObject(fields, 0);
}

function scrubObject(value: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value).slice(0, maxEntries)) {
    const isSecret = secretNames.has(name.toLowerCase().replaceAll(/[-_]/g, "")) && field !== undefined;
    clean[name] = isSecret ? redacted : scrubValue(field, depth + 1);
  }
  return clean;
}

function scrubValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return scrubText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (depth > maxDepth) return "[deep]";
  if (value instanceof Error) return scrubObject(stdSerializers.err(value), depth);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.slice(0, maxEntries).map((item) => scrubValue(item, depth + 1));
  return scrubObject(value, depth);
}
