import { eachStore } from "../each-store.ts";
import { HOSTILE_ANSWERS } from "../hostile-answers.ts";
import type { Row } from "../row.ts";
import { tryAnswers } from "../try-answers.ts";

/** A receiver that answers with too much, with nonsense, or with something that looks correct. */
export const hostileAnswers: Row = {
  number: 16,
  name: "giant and hostile answers",
  run: (context) => eachStore(context, (kind) => tryAnswers(kind, context, HOSTILE_ANSWERS), ["sqlite"]),
};
