import type { ReactNode } from "react";
import { useAnswer } from "../api/queries.ts";
import type { ServerNode, SystemState } from "../api/system-state.ts";
import { byteWords } from "../design/byte-words.ts";
import { Figure } from "../design/figure.tsx";
import { Failed, Loading } from "../design/notice.tsx";
import { Facts, Part, SinglePage } from "../design/panes.tsx";
import { State } from "../design/state.tsx";
import { NothingIn, Table } from "../design/table.tsx";
import { Time } from "../design/time.tsx";
import { Keys } from "./key-table.tsx";
import { limitWords } from "./limit-words.ts";

const ENGINES = { sqlite: "SQLite", postgresql: "PostgreSQL" };

/** The state of the server, as far as the session may see it, and the keys of the platform. */
export function SystemPage(): ReactNode {
  const { data: system, error, refetch } = useAnswer<SystemState>("system", "/console/system");
  return (
    <SinglePage title="System">
      {system !== undefined ? (
        <ServerFigures system={system} />
      ) : error === null ? (
        <Loading />
      ) : (
        <Failed error={error} retry={() => void refetch()} />
      )}
      <Part title="Keys">
        <Keys />
      </Part>
      {system !== undefined && <Limits limits={system.limits} />}
    </SinglePage>
  );
}

function ServerFigures({ system }: { system: SystemState }): ReactNode {
  const { scope, version, store, disk, nodes, deliveries, throughput, endpoints } = system;
  const { due, more_due: more, oldest_due_at: oldest, quarantined } = deliveries;
  // The lists contain only the platform's objects, in one mode, and not what is counted for the whole server.
  const listed = (path: string): string | undefined => (scope === "platform" ? path : undefined);
  return (
    <>
      <Part title={scope === "server" ? "Deliveries of the whole server" : "Your deliveries"}>
        <dl className="figures">
          <Figure name="Due now" value={`${due.toLocaleString("en")}${more ? "+" : ""}`} href={listed("/deliveries?state=pending")} />
          <Figure name="Oldest due" value={oldest === null ? "–" : <Time at={oldest} />} />
          <Figure name="Made a second" value={throughput.per_second.toLocaleString("en")} />
          <Figure
            name="Delivered"
            value={`${throughput.delivered.toLocaleString("en")} of ${throughput.deliveries.toLocaleString("en")}`}
          />
          <Figure name="Endpoints failing" value={endpoints.failing} href={listed("/endpoints?standing=failing")} />
          <Figure name="Endpoints disabled" value={endpoints.disabled} href={listed("/endpoints?standing=disabled")} />
          {quarantined !== null && <Figure name="In quarantine" value={quarantined} />}
        </dl>
        <p className="soft">
          Made and delivered since <Time at={throughput.since} exact />.
        </p>
      </Part>
      <Part title="Server">
        <Facts
          facts={[
            ["Carabiner", version],
            ["Store", `${ENGINES[store.engine]}${store.version === null ? "" : ` ${store.version}`}`],
            ["Schema", store.schema === null ? null : `${store.schema} steps`],
            ...Object.entries(store.settings ?? {}).map(([name, value]) => [name, <code key={name}>{value}</code>] as const),
          ]}
        />
      </Part>
      {disk !== null && <Disk disk={disk} />}
      {nodes !== null && nodes.length > 0 && <Nodes nodes={nodes} now={system.now} goneMs={Number(system.limits.nodeGoneMs)} />}
    </>
  );
}

function Disk({ disk }: { disk: NonNullable<SystemState["disk"]> }): ReactNode {
  const { bytes, free_bytes: free, log_bytes: log, tables } = disk;
  return (
    <Part title="Disk use">
      <dl className="figures">
        <Figure name="In all" value={byteWords(bytes)} />
        {free !== null && <Figure name="Free in it" value={byteWords(free)} />}
        {log !== null && <Figure name="Log" value={byteWords(log)} />}
      </dl>
      {tables !== null && tables.length > 0 && (
        <details>
          <summary>By table</summary>
          <Table
            columns={[{ name: "Table" }, { name: "With its indexes", figure: true }]}
            rows={tables.map(({ name, bytes: size }) => ({ key: name, cells: [<code key="name">{name}</code>, byteWords(size)] }))}
          />
        </details>
      )}
    </Part>
  );
}

const NODE_COLUMNS = ["Node", "State", "Roles", "Version", "Started", "Last heard of"].map((name) => ({ name }));

function Nodes({ nodes, now, goneMs }: { nodes: readonly ServerNode[]; now: number; goneMs: number }): ReactNode {
  return (
    <Part title="Nodes">
      <Table
        stacks
        columns={NODE_COLUMNS}
        rows={nodes.map(({ name, version, roles, started_at: started, seen_at: seen }) => ({
          key: name,
          cells: [
            <code key="name">{name}</code>,
            (now - seen) * 1_000 > goneMs ? (
              <State key="state" tone="bad">
                silent
              </State>
            ) : (
              <State key="state" tone="good">
                running
              </State>
            ),
            roles === null ? <NothingIn key="roles" /> : roles.join(", "),
            version ?? <NothingIn key="version" />,
            started === null ? <NothingIn key="started" /> : <Time key="started" at={started} />,
            <Time key="seen" at={seen} />,
          ],
        }))}
      />
    </Part>
  );
}

function Limits({ limits }: { limits: SystemState["limits"] }): ReactNode {
  return (
    <Part title="Limits in force">
      <details>
        <summary>{Object.keys(limits).length} limits, by the names that set them</summary>
        <Table
          columns={[{ name: "Limit" }, { name: "Value", figure: true }]}
          rows={Object.entries(limits).map(([name, value]) => ({
            key: name,
            cells: [<code key="name">{name}</code>, limitWords(name, value)],
          }))}
        />
      </details>
    </Part>
  );
}
