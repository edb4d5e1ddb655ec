import { inboxContract } from "../packages/receiver/src/inbox-contract/inbox-contract.ts";

/** How many tests the inbox contract has. */
export function contractTests(): number {
  let tests = 0;
  const open = (): never => {
    throw new Error("bug: the tests are only counted");
  };
  inboxContract(
    { open, another: null, effect: open, effects: open, close: open },
    {
      describe: (_name, define) => define(),
      test: () => {
        tests++;
      },
    },
  );
  return tests;
}
