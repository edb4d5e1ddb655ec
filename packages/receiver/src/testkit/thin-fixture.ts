import { objectPath } from "../object-path.ts";
import { kindOf, newObjectId } from "./object-of-type.ts";

/** The options of a thin fixture. */
export interface ThinFixtureOptions {
  /** `evt_…`; unique unless given. */
  id?: string;
  /** The connected account it happened on, sent as its `context`; null for the platform's own events. */
  account?: string | null;
  livemode?: boolean;
  /** ISO 8601. */
  created?: string;
  /** The object that it is about, if that differs from what the type says. Null means no object. */
  related?: { id?: string; type?: string; url?: string } | null;
  /** The whole event about the same change. */
  snapshotEvent?: string;
  /** Further fields, such as `data`. */
  more?: Readonly<Record<string, unknown>>;
}

/** A thin event as it is sent. */
export interface ThinFixture<Type extends string> {
  id: string;
  object: "v2.core.event";
  type: Type;
  livemode: boolean;
  created: string;
  related_object?: { id?: string; type: string; url: string };
  context?: string;
  snapshot_event?: string;
}

/** Objects whose events do not name a related object. Source: https://docs.stripe.com/api/v2/core/events/event-types */
const UNRELATED: ReadonlySet<string> = new Set(["v1.account.application", "v1.account.external_account", "v2.core.account_link"]);

/** A thin event as it is sent, of a type. `number` makes its ids unique. */
export function thinFixture<Type extends string>(
  type: Type,
  number: number,
  { id, account = null, livemode = false, created = new Date(0).toISOString(), related, snapshotEvent, more = {} }: ThinFixtureOptions,
): ThinFixture<Type> {
  const about = related === null ? null : relatedOf(type, number, account, related);
  return {
    id: id ?? `evt_test_${number}`,
    object: "v2.core.event",
    type,
    livemode,
    created,
    ...(about === null ? {} : { related_object: about }),
    ...(snapshotEvent === undefined ? {} : { snapshot_event: snapshotEvent }),
    ...(account === null ? {} : { context: account }),
    ...more,
  };
}

function relatedOf(
  type: string,
  number: number,
  account: string | null,
  given: ThinFixtureOptions["related"],
): Required<ThinFixture<string>>["related_object"] | null {
  // `v2.core.account[requirements].updated` is about `v2.core.account`.
  const subject = type.slice(0, type.lastIndexOf(".")).replace(/\[.*$/, "");
  if (UNRELATED.has(subject) && !given) return null;
  const v2 = subject.startsWith("v2.");
  const kind = given?.type ?? (v2 ? subject : kindOf(subject.slice("v1.".length)));
  const id = given?.id ?? newObjectId(kind, number, account);
  return { id, type: kind, url: given?.url ?? (v2 ? placeInV2(kind, id, account) : placeInV1(kind, id, account)) };
}

function placeInV1(kind: string, id: string, account: string | null): string {
  return objectPath({ object: kind, id }, account)?.path ?? `/v1/${kind.replaceAll(".", "/")}s/${id}`;
}

function placeInV2(kind: string, id: string, account: string | null): string {
  if (kind === "v2.core.account_person") return `/v2/core/accounts/${account ?? "acct_test"}/persons/${id}`;
  return `/${kind.replaceAll(".", "/")}s/${id}`;
}
