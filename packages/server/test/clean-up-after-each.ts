import { afterEach } from "vitest";
import { cleanUp } from "./clean-up.ts";

// A setup file, which runs again for each file of tests. A hook in a module that many files share would run for the
// first alone.
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});
