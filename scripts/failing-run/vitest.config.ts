import { defineConfig } from "vitest/config";

/** A run as `npm test` makes it, of one test that fails. */
export default defineConfig({
  test: { root: import.meta.dirname, include: ["fails.ts"], globalSetup: ["../postgres-for-tests.ts"] },
});
