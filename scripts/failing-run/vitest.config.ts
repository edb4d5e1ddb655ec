import { defineConfig } from "vitest/config";

/** A run like that of `npm test`, with one test that fails. */
export default defineConfig({
  test: { root: import.meta.dirname, include: ["fails.ts"], globalSetup: ["../postgres-for-tests.ts"] },
});
