import { createHash } from "node:crypto";
import { fsyncSync, writeSync } from "node:fs";
import Stripe from "stripe";
import type { Arrival } from "./checker.ts";

/**
 * Writes a webhook that has arrived to an open file. It is on disk when the function returns. Returns the event's id.
 */
export function recordArrival(file: number, secret: string, body: Buffer, signature: string | string[] | undefined): string {
  let signed = true;
  let event = "";
  try {
    event = Stripe.webhooks.constructEvent(body, signature ?? "", secret).id;
  } catch {
    // The checker reports it.
    signed = false;
    event = /"id": "(evt_\w+)"/.exec(body.toString())?.[1] ?? "";
  }
  const arrival: Arrival = { event, at: Date.now(), body: createHash("sha256").update(body).digest("hex"), signed };
  writeSync(file, `${JSON.stringify(arrival)}\n`);
  fsyncSync(file);
  return event;
}
