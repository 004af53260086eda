import { defaultClientConditions, defineConfig } from "vite";

// What is built is shipped, whatever the process is that builds it: of a test it would become code for developers.
process.env["NODE_ENV"] = "production";

/** The page, for both homes: relative addresses, so that a daemon and an editor's webview can serve the same files. */
export default defineConfig({
  base: "./",
  // Vite's own copy of public files and its module preload are not needed: there is one entry, and it loads all.
  publicDir: false,
  // As in a worker: what a package has for pages may turn text into HTML to look something up, which the policy forbids.
  resolve: { conditions: ["worker", ...defaultClientConditions] },
  build: {
    target: "es2024",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    sourcemap: false,
    // One file on purpose: the page is small, and its node is near. A test holds it to its bar.
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      output: { entryFileNames: "assets/[name]-[hash].js", assetFileNames: "assets/[name]-[hash][extname]" },
      // A part of Node's in the page is a mistake, not something to leave out.
      onLog(level, log, report) {
        if (log.code === "UNRESOLVED_IMPORT" || /externalized for browser/.test(log.message)) report("error", log);
        else report(level, log);
      },
    },
  },
});
