import type { OpenedInbox } from "./inbox-fixture.ts";
import type { InboxHarness } from "./inbox-harness.ts";

/**
 * The part of a test runner that the contract needs: `describe` and `test` of vitest, `node:test`, Jest, Bun and others
 * have this form.
 */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  test(name: string, body: () => Promise<void>): unknown;
}

/** The tools that the test cases use. */
export interface Suite<Tx> extends TestRunner {
  harness: InboxHarness<Tx>;
  /** The running test's inbox: each test has a new one. */
  on: OpenedInbox<Tx>;
}
