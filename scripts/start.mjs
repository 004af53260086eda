// Starts a script of this folder: `node scripts/start.mjs test …`. Plain JavaScript, so that a Node too old for
// TypeScript can still say what is wrong: when the pinned Node could not be installed, pnpm only warns and goes on
// with the machine's own.
import process from "node:process";

const [name, ...rest] = process.argv.slice(2);
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `This needs Node 24, and Node ${process.versions.node} is running it: the pinned Node was not installed; run \`npx -y pnpm@12 install\` and look at its errors.\n`,
  );
  process.exit(1);
}
process.argv = [process.argv[0] ?? "node", name ?? "", ...rest];
await import(`./${name}.ts`);
