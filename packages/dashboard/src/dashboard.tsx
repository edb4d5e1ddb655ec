import { type ReactNode, useMemo } from "react";
import { Redirect, Route, Router, Switch } from "wouter";
import { useBrowserLocation } from "wouter/use-browser-location";
import type { Clock } from "./api/answers.ts";
import { createClient } from "./api/client.ts";
import { ClientContext } from "./api/client-context.ts";
import { modeOf, modePath } from "./api/place.ts";
import { useAnswer } from "./api/queries.ts";
import { useLive } from "./api/use-live.ts";
import { DeliveriesPage } from "./deliveries/deliveries-page.tsx";
import { Empty } from "./design/notice.tsx";
import { EventsPage } from "./events/events-page.tsx";
import { LivePage } from "./live/live-page.tsx";
import { Shell } from "./shell/shell.tsx";

/** The whole dashboard: the address decides the mode and the page. */
export function Dashboard(): ReactNode {
  const [path] = useBrowserLocation();
  const mode = modeOf(path);
  const client = useMemo(() => createClient(mode), [mode]);
  return (
    <ClientContext value={client}>
      <Router base={modePath(mode)} key={mode}>
        <Pages />
      </Router>
    </ClientContext>
  );
}

function Pages(): ReactNode {
  useLive();
  const clock = useAnswer<Clock>("clock", "/v1/test_helpers/clock");
  return (
    <Shell hasClock={clock.data !== undefined}>
      <Switch>
        <Route path="/">
          <Redirect to="/live" replace />
        </Route>
        <Route path="/live/:id?">{({ id }) => <LivePage open={id} />}</Route>
        <Route path="/events/:id?">{({ id }) => <EventsPage open={id} />}</Route>
        <Route path="/deliveries/:id?">{({ id }) => <DeliveriesPage open={id} />}</Route>
        <Route>
          <Empty title="There is no such page">
            <p>The navigation has all that there are.</p>
          </Empty>
        </Route>
      </Switch>
    </Shell>
  );
}
