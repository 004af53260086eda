// A container's health check: exit code 0 when the address answers with success, within four seconds.
import process from "node:process";

const [address = "http://127.0.0.1:7400/readyz"] = process.argv.slice(2);
try {
  const response = await fetch(address, { signal: AbortSignal.timeout(4000) });
  if (!response.ok) process.stderr.write(`${await response.text()}\n`);
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error}\n`);
  process.exitCode = 1;
}
