import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts"],
    globalSetup: ["packages/testkit/src/global-setup.ts"],
    // Two cores are the smallest machine we promise: suites with servers and models of their own must not pile up.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
