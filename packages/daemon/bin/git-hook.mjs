#!/usr/bin/env node
await import("./require-node.mjs");
await import("../src/bin/git-hook.ts");
