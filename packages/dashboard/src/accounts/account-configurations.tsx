import type { ReactNode } from "react";
import type { V2Account } from "../api/answers.ts";
import { pathTo } from "../api/path-to.ts";
import { useAnswer } from "../api/queries.ts";
import { Part } from "../design/panes.tsx";
import { Badge, State } from "../design/state.tsx";
import { type ConfigurationShown, configurationsOf } from "./configurations.ts";

/** What an account is used as, in the v2 API's terms: each configuration with its capabilities. */
export function AccountConfigurations({ id }: { id: string }): ReactNode {
  const { data } = useAnswer<V2Account>("accounts", pathTo`/v2/core/accounts/${id}`, {
    include: ["configuration.customer", "configuration.merchant", "configuration.recipient"],
  });
  if (data === undefined) return null;
  const shown = configurationsOf(data);
  return (
    <Part title="Configurations" aside={<span className="soft">in the v2 API</span>}>
      {shown.length === 0 ? (
        <p className="soft">None is applied.</p>
      ) : (
        <ul className="lines">
          {shown.map((configuration) => (
            <Configuration key={configuration.name} configuration={configuration} />
          ))}
        </ul>
      )}
    </Part>
  );
}

function Configuration({ configuration: { name, isApplied, capabilities } }: { configuration: ConfigurationShown }): ReactNode {
  return (
    <li>
      <div className="line two">
        <Badge>{name}</Badge>
        <State tone={isApplied ? "good" : "quiet"}>{isApplied ? "applied" : "not applied"}</State>
      </div>
      {capabilities.length > 0 && (
        <ul className="inner-lines" aria-label={`Capabilities of ${name}`}>
          {capabilities.map((capability) => (
            <li key={capability.name} className="line two">
              <code>{capability.name}</code>
              <State tone={capability.tone}>{capability.status}</State>
              {capability.why !== null && <span className="why">{capability.why}</span>}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
