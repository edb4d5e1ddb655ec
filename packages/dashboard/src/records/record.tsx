import type { ReactNode } from "react";
import { Empty } from "../design/notice.tsx";
import { DeliveryRecord } from "./delivery-record.tsx";
import { EventRecord } from "./event-record.tsx";

/** The event or delivery with an id, in full. `back` is the address that closes it. */
export function Record({ id, back }: { id: string; back: string }): ReactNode {
  if (id.startsWith("evt_")) return <EventRecord key={id} id={id} back={back} />;
  if (id.startsWith("dlv_")) return <DeliveryRecord key={id} id={id} back={back} />;
  return (
    <Empty title="This is neither an event nor a delivery">
      <p>
        <bdi>{id}</bdi> begins with neither evt_ nor dlv_.
      </p>
    </Empty>
  );
}
