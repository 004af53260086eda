import { defineConfig } from "vite";

// What is built is shipped, whatever the process is that builds it: of a test it would become code for developers.
process.env["NODE_ENV"] = "production";

/**
 * What runs in the editor's extension host: the entry, which is small, and the rest, which it loads when it is needed.
 * CommonJS, which every host takes; nothing of a dependency but its code.
 */
export default defineConfig({
  publicDir: false,
  ssr: { noExternal: true, external: ["vscode"] },
  build: {
    ssr: "src/main.ts",
    target: "node22",
    outDir: "dist/host",
    emptyOutDir: true,
    minify: true,
    sourcemap: false,
    reportCompressedSize: false,
    rolldownOptions: {
      // Optional parts of ws, which does without them.
      external: ["vscode", "bufferutil", "utf-8-validate"],
      output: {
        format: "cjs",
        entryFileNames: "[name].cjs",
        chunkFileNames: "[name].cjs",
        comments: false,
      },
    },
  },
});
