import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { GivenUp } from "../api/answers.ts";
import { endpointName, useEndpoints } from "../api/names.ts";
import { Acts } from "../api/read-only.tsx";
import { shortId } from "../design/id-words.ts";
import { givenUpHref, useGivenUp } from "../records/given-up.ts";
import { ResendManyDialog } from "../records/resend-many-dialog.tsx";

/** The most endpoints that are named. */
const NAMED = 3;

/** The whole time for which events are kept, in seconds. */
const ALL_S = 30 * 86_400;

/** Says that deliveries were given up and not received since. They are no longer tried automatically. */
export function GivenUpBanner(): ReactNode {
  const given = useGivenUp();
  const [recovering, setRecovering] = useState(false);
  return (
    <>
      {given !== undefined && given.deliveries > 0 && (
        <div className="given-up">
          <Told given={given} />
          <Acts>
            <button type="button" className="quiet" onClick={() => setRecovering(true)}>
              Resend all…
            </button>
          </Acts>
        </div>
      )}
      {recovering && (
        <ResendManyDialog
          title="Resend what was given up"
          what="Deliveries that were given up"
          which={{ state: "exhausted" }}
          seconds={ALL_S}
          onClose={() => setRecovering(false)}
        />
      )}
    </>
  );
}

function Told({ given }: { given: GivenUp }): ReactNode {
  const endpoints = useEndpoints();
  const named = [...given.endpoints].sort((one, other) => other.deliveries - one.deliveries);
  const rest = named.length - NAMED;
  return (
    <p>
      <Link href={givenUpHref()}>
        <strong>
          {given.deliveries.toLocaleString("en")}
          {given.more ? "+" : ""} {given.deliveries === 1 && !given.more ? "delivery was" : "deliveries were"} given up
        </strong>
      </Link>{" "}
      and not received since, and nothing is tried again by itself:{" "}
      {named.slice(0, NAMED).map(({ webhook_endpoint: id, deliveries }, index) => (
        <span key={id}>
          {index > 0 && ", "}
          <Link href={givenUpHref(id)}>
            {deliveries.toLocaleString("en")} to <bdi>{endpointName(endpoints.get(id)) ?? shortId(id)}</bdi>
          </Link>
        </span>
      ))}
      {rest > 0 && ` and more to ${rest === 1 ? "another endpoint" : `${rest} others`}`}.
    </p>
  );
}
