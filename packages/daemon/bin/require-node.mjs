// Plain JavaScript: an older Node cannot even read the TypeScript behind it, and must still get a clear answer.
const needed = 24;
if (Number(process.versions.node.split(".")[0]) < needed) {
  process.stderr.write(
    `This program needs Node ${needed} or newer and runs on ${process.version}. ` +
      "Start it through the package manager, which brings its own: npx -y pnpm@12 dev (or federation, federationd).\n",
  );
  process.exit(1);
}
const { enableCompileCache } = await import("node:module");
enableCompileCache();
