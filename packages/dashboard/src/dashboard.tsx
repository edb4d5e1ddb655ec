import { type ReactNode, useEffect, useMemo } from "react";
import { Link, Redirect, Route, Router, Switch, useLocation } from "wouter";
import { useBrowserLocation } from "wouter/use-browser-location";
import { AccountsPage } from "./accounts/accounts-page.tsx";
import { createClient } from "./api/client.ts";
import { ClientContext } from "./api/client-context.ts";
import { useConnection } from "./api/connection.ts";
import { useFailure } from "./api/failure-of.ts";
import { DevelopmentContext } from "./api/first-call.ts";
import { modeOf, modePath, PAGE_PATH } from "./api/place.ts";
import { ReadOnlyContext } from "./api/read-only.tsx";
import { holderOf, SESSION_KEY, type Session, useSession } from "./api/session.ts";
import { useLive } from "./api/use-live.ts";
import { AuditPage } from "./audit/audit-page.tsx";
import { ClockPage } from "./clock/clock-page.tsx";
import { DeliveriesPage } from "./deliveries/deliveries-page.tsx";
import { Boundary } from "./design/boundary.tsx";
import { Broken, Failed, Loading } from "./design/notice.tsx";
import { SinglePage } from "./design/panes.tsx";
import { EndpointsPage } from "./endpoints/endpoints-page.tsx";
import { EventsPage } from "./events/events-page.tsx";
import { LivePage } from "./live/live-page.tsx";
import { PublishPage } from "./publish/publish-page.tsx";
import { RequestsPage } from "./requests/requests-page.tsx";
import { withoutLive } from "./shell/places.ts";
import { Shell } from "./shell/shell.tsx";
import { ChoosePlatformPage } from "./sign-in/choose-platform-page.tsx";
import { SignInAgain } from "./sign-in/sign-in-again.tsx";
import { SignInPage } from "./sign-in/sign-in-page.tsx";
import { SystemPage } from "./system/system-page.tsx";

const WELCOME =
  "Sign in with a secret key of your platform, or with an operator key. It opens a session; the key itself is not kept in the browser.";

/** The whole dashboard, after signing in where that is required. The address decides the mode and the page. */
export function Dashboard(): ReactNode {
  const session = useSession();
  const sessionError = useFailure(SESSION_KEY, session);
  const connection = useConnection();
  const [path, navigate] = useBrowserLocation();
  const plain = withoutLive(path, PAGE_PATH);
  const asked = modeOf(path);
  const modes = session.data?.modes;
  const isHome = path === PAGE_PATH || path === `${PAGE_PATH}/`;
  // Without a mode in the address, the page opens in the session's mode, or in test mode if it has both.
  const mode = modes === undefined || (modes.includes(asked) && !isHome) ? asked : modes.includes("test") ? "test" : "live";
  useEffect(() => {
    if (isHome && modes !== undefined) navigate(`${modePath(mode)}/live`, { replace: true });
  }, [isHome, mode, modes, navigate]);
  useEffect(() => {
    if (plain !== path) navigate(plain + location.search, { replace: true });
  }, [navigate, path, plain]);
  const client = useMemo(() => createClient(mode), [mode]);
  if (session.data === undefined)
    return sessionError === null ? <Loading /> : <Failed error={sessionError} retry={() => void session.refetch()} />;
  if (session.data === null) return <SignInPage note={WELCOME} />;
  const hasEnded = connection === "signed-out";
  if (session.data.account === null) return hasEnded ? <SignInAgain /> : <ChoosePlatformPage session={session.data} />;
  if (isHome || plain !== path) return null;
  return (
    <ClientContext value={client}>
      <ReadOnlyContext value={session.data.read_only}>
        <DevelopmentContext value={session.data.development}>
          <Router base={modePath(asked)} key={`${asked} ${holderOf(session.data, asked)}`}>
            {asked === mode ? <Pages session={session.data} /> : <ModeMissing session={session.data} />}
          </Router>
          {hasEnded && <SignInAgain />}
        </DevelopmentContext>
      </ReadOnlyContext>
    </ClientContext>
  );
}

/** The address names a mode that the session has no key for. */
function ModeMissing({ session }: { session: Session }): ReactNode {
  const other = session.modes[0] ?? "test";
  return (
    <SignInPage
      note={
        <>
          This session has no key for {other === "test" ? "live" : "test"} mode. Sign in with one as well, or{" "}
          <a href={`${modePath(other)}/live`}>go on in {other} mode</a>.
        </>
      }
    />
  );
}

/** Shown instead of a page that only changes something. */
function ReadOnlyPage({ title }: { title: string }): ReactNode {
  return (
    <SinglePage title={title}>
      <p>You are signed in with a read-only operator key, so you can change nothing here.</p>
    </SinglePage>
  );
}

const broken = (error: Error): ReactNode => <Broken error={error} />;

function Pages({ session }: { session: Session }): ReactNode {
  useLive();
  const [path] = useLocation();
  return (
    <Shell session={session}>
      <Boundary at={path} instead={broken}>
        <Switch>
          <Route path="/">
            <Redirect to="/live" replace />
          </Route>
          <Route path="/live/:id?">{({ id }) => <LivePage open={id} />}</Route>
          <Route path="/events/:id?">{({ id }) => <EventsPage open={id} />}</Route>
          <Route path="/deliveries/:id?">{({ id }) => <DeliveriesPage open={id} />}</Route>
          <Route path="/endpoints/:id?">{({ id }) => <EndpointsPage open={id} />}</Route>
          <Route path="/accounts/:id?">{({ id }) => <AccountsPage open={id} />}</Route>
          <Route path="/requests/:id?">{({ id }) => <RequestsPage open={id} />}</Route>
          <Route path="/publish">{session.read_only ? <ReadOnlyPage title="Publish" /> : <PublishPage />}</Route>
          <Route path="/clock">
            <ClockPage />
          </Route>
          <Route path="/system">
            <SystemPage />
          </Route>
          <Route path="/audit/:id?">{({ id }) => <AuditPage open={id} />}</Route>
          <Route>
            <SinglePage title="There is no such page">
              <p>
                The navigation has all that there are. <Link href="/live">Go to Live</Link>
              </p>
            </SinglePage>
          </Route>
        </Switch>
      </Boundary>
    </Shell>
  );
}
