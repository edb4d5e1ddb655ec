import type { JsonObject } from "../store/contract/rows.ts";

/** An answer that is already written, as the text of its body. It is parsed only to expand what it names. */
export class WrittenAnswer {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  read(): JsonObject {
    return JSON.parse(this.text) as JsonObject;
  }
}
