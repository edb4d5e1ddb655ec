import type { ReactNode } from "react";
import type { AccountConnection, Page } from "../api/answers.ts";
import { pathTo } from "../api/path-to.ts";
import { useAnswer } from "../api/queries.ts";
import { Id } from "../design/id.tsx";
import { Part } from "../design/panes.tsx";
import { Badge, State } from "../design/state.tsx";
import { Time } from "../design/time.tsx";

/** The platforms that an account is or was connected to, if the session may see them. */
export function AccountConnections({ id }: { id: string }): ReactNode {
  const { data } = useAnswer<Page<AccountConnection>>("accounts", pathTo`/console/accounts/${id}/connections`);
  if (data === undefined) return null;
  return (
    <Part title="Connections">
      {data.data.length === 0 ? (
        <p className="soft">No platform is connected to it.</p>
      ) : (
        <ul className="lines">
          {data.data.map((connection, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a platform may have been connected several times.
            <ConnectionLine key={index} connection={connection} />
          ))}
        </ul>
      )}
    </Part>
  );
}

function ConnectionLine({ connection }: { connection: AccountConnection }): ReactNode {
  const { platform, application, livemode, created, ended, scope, controller } = connection;
  return (
    <li className="line">
      <span>
        <bdi>{application?.name ?? application?.id ?? platform}</bdi> {livemode && <Badge>live</Badge>}{" "}
        <span className="soft">
          {scope !== null && (scope === "read_write" ? "may read and write" : "may only read")}
          {controller === true && ", made the account"}
        </span>
      </span>
      <State tone={ended === null ? "good" : "quiet"}>{ended === null ? "connected" : "ended"}</State>
      <span className="line-end">
        {platform !== null && <Id id={platform} link={false} copy />}
        <span className="soft">
          {created !== null && (
            <>
              since <Time at={created} />
            </>
          )}
          {created !== null && ended !== null && ", "}
          {ended !== null && (
            <>
              until <Time at={ended} />
            </>
          )}
        </span>
      </span>
    </li>
  );
}
