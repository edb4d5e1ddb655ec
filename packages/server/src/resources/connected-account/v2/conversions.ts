import { hashOf, isHash } from "../../../operations/merge-change.ts";
import { seconds } from "../../../operations/time-range.ts";
import { v2Time } from "../../../operations/v2-time-filter.ts";
import type { Json, JsonObject } from "../../../store/contract/rows.ts";
import type { Conversion } from "./correspondence.ts";

/** A hash without its undefined values. */
function present(hash: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(hash).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

const mapped = (value: Json | undefined, map: (text: string) => Json): Json | undefined => (typeof value === "string" ? map(value) : value);

/** The two letters of a country: v2 shows them in lower case, v1 in upper case. */
const country = (value: Json | undefined) => ({
  lower: mapped(value, (text) => text.toLowerCase()),
  upper: mapped(value, (text) => text.toUpperCase()),
});

export const address: Conversion = {
  toV2: (value) => present({ ...hashOf(value), country: country(hashOf(value).country).lower }),
  toV1: (value) => present({ ...hashOf(value), country: country(hashOf(value).country).upper }),
};

/** When and from where something was declared: v2 writes the time as text, v1 in Unix seconds. */
export const declaration: Conversion = {
  toV2(value) {
    const { date, ip, user_agent } = hashOf(value);
    const shown = present({ date: timeText(date), ip, user_agent });
    return Object.keys(shown).length === 0 ? null : shown;
  },
  toV1: (value) => present({ ...hashOf(value), date: mapped(hashOf(value).date, (text) => seconds(v2Time(text, "date"))) }),
};

function timeText(value: Json | undefined): Json | undefined {
  return typeof value === "number" ? new Date(value * 1000).toISOString() : value;
}

/** Files of one kind, and who signed them. */
export const files: Conversion = {
  toV2: (value) => ({ ...hashOf(value), type: "files" }),
  toV1: (value) => withoutType(value),
};

/** The two sides of a document. */
export const sides: Conversion = {
  toV2: (value) => ({ front_back: hashOf(value), type: "front_back" }),
  toV1: (value) => ({ back: null, front: null, ...hashOf(hashOf(value).front_back) }),
};

function withoutType(value: Json): JsonObject {
  const { type: _, ...rest } = hashOf(value);
  return rest;
}

/** An amount with its currency, which v1 has among other fields. */
export const revenue: Conversion = {
  toV2(value) {
    const { amount, currency, ...rest } = hashOf(value);
    return present({ ...rest, amount: present({ value: amount, currency }) });
  },
  toV1(value) {
    const { amount, ...rest } = hashOf(value);
    return present({ ...rest, amount: hashOf(amount).value, currency: hashOf(amount).currency });
  },
};

/** Addresses of different kinds, each of which has a separate field in v1. */
export function addressesByPurpose(fields: Readonly<Record<string, string>>): Conversion {
  return {
    toV2: (value) =>
      Object.entries(fields).flatMap(([purpose, path]) => {
        const found = path.split(".").reduce<Json | undefined>((at, key) => (isHash(at) ? at[key] : undefined), value);
        return isHash(found) ? [{ ...hashOf(address.toV2(found)), purpose }] : [];
      }),
    toV1(value) {
      const found: JsonObject = {};
      for (const one of Array.isArray(value) ? value : []) {
        const { purpose, ...rest } = hashOf(one);
        const path = fields[String(purpose)]?.split(".") ?? [];
        const [first = "", second] = path;
        if (second === undefined) found[first] = address.toV1(rest);
        else found[first] = { ...hashOf(found[first]), [second]: address.toV1(rest) };
      }
      return found;
    },
  };
}
