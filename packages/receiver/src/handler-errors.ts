import { type InstanceTest, instanceByName } from "./instance-by-name.ts";

/**
 * Thrown by a handler to be called later. It does not count as a failure or as a try; the transaction is rolled back.
 */
export class Defer extends Error {
  override readonly name = "Defer";
  static override readonly [Symbol.hasInstance]: InstanceTest = instanceByName("Defer", hasDelay);
  /**
   * How long to wait, in whole milliseconds. At least one, so that a process that tries again immediately still gets
   * turns of its event loop.
   */
  readonly delayMs: number;

  /** `delay`: milliseconds or text with a unit: `500ms`, `10s`, `5m`, `2h`, `1d`. Other values throw a TypeError. */
  constructor(why: string, delay: number | string) {
    super(why);
    this.delayMs = Math.max(1, Math.ceil(milliseconds(delay)));
  }
}

/** Thrown by a handler to settle the event for good without handling it. The transaction is rolled back. */
export class Discard extends Error {
  override readonly name = "Discard";
  static override readonly [Symbol.hasInstance]: InstanceTest = instanceByName("Discard");
}

/** The receiver has no client to call the API with. */
export class NoClient extends Error {
  override readonly name = "NoClient";
  static override readonly [Symbol.hasInstance]: InstanceTest = instanceByName("NoClient");
}

function hasDelay(error: Error): boolean {
  return "delayMs" in error && typeof error.delayMs === "number" && error.delayMs >= 1;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function milliseconds(delay: number | string): number {
  if (typeof delay === "number" && delay >= 0 && Number.isFinite(delay)) return delay;
  const [, digits, unit = ""] = (typeof delay === "string" && /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(delay)) || [];
  const factor = UNIT_MS[unit];
  if (digits === undefined || factor === undefined)
    throw new TypeError(
      `${JSON.stringify(delay)} is not a valid delay: pass milliseconds, or a number with ms, s, m, h or d, such as "10s".`,
    );
  return Number(digits) * factor;
}
