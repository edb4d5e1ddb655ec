import type { ReactNode } from "react";
import { Link } from "wouter";
import type { DeliveryFigures } from "../api/answers.ts";
import { pathTo } from "../api/path-to.ts";
import { useAnswer } from "../api/queries.ts";
import { Figure } from "../design/figure.tsx";
import { Part } from "../design/panes.tsx";
import { Time } from "../design/time.tsx";
import { ByDay } from "../records/by-day.tsx";

/** How the account's newest events were delivered to the platform's endpoints, in total and by day. */
export function AccountDeliveries({ id }: { id: string }): ReactNode {
  const { data } = useAnswer<DeliveryFigures>("deliveries", pathTo`/console/accounts/${id}/figures`);
  if (data === undefined) return null;
  const { deliveries, delivered, failed, since, hours } = data;
  return (
    <Part title="Deliveries" aside={<Link href={`/deliveries?account=${id}`}>all as a list</Link>}>
      {deliveries === 0 ? (
        <p className="soft">None of its events was owed to one of your endpoints.</p>
      ) : (
        <>
          <dl className="figures">
            <Figure name="Deliveries" value={deliveries.toLocaleString("en")} href={`/deliveries?account=${id}`} />
            <Figure name="Delivered" value={delivered.toLocaleString("en")} href={`/deliveries?account=${id}&state=succeeded`} />
            <Figure
              name="Failed"
              value={<span className={failed > 0 ? "bad" : ""}>{failed.toLocaleString("en")}</span>}
              href={`/events?account=${id}&undelivered=yes`}
            />
            {since !== null && <Figure name="Since" value={<Time at={since} />} />}
          </dl>
          <ByDay hours={hours} />
        </>
      )}
    </Part>
  );
}
