import { lazy, type ReactNode, Suspense, useState } from "react";
import { Boundary } from "./boundary.tsx";
import type { PlotProps } from "./plot.tsx";
import { Table } from "./table.tsx";

const Plot = lazy(() => import("./plot.tsx").then((module) => ({ default: module.Plot })));

interface ChartProps extends PlotProps {
  /** The heading of the table's first column, and how its values are written. */
  at: { name: string; words(value: number): string; mark?(value: number): string };
}

/** A chart, and the same figures as a table behind one button; only the table if the chart cannot be drawn. */
export function Chart({ at, ...plot }: ChartProps): ReactNode {
  const [asTable, setAsTable] = useState(false);
  return (
    <figure className="chart" aria-label={plot.label}>
      <figcaption>
        <span>{plot.label}</span>
        <span className="legend">
          {!asTable &&
            plot.series.map(({ name, colour }) => (
              <span key={name}>
                <i style={{ background: `var(${colour})` }} aria-hidden="true" /> {name}
              </span>
            ))}
        </span>
        <button type="button" className="bare" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? "As a chart" : "As a table"}
        </button>
      </figcaption>
      {asTable ? (
        <Figures at={at} {...plot} />
      ) : (
        <Boundary instead={() => <Figures at={at} {...plot} />}>
          <Suspense fallback={<div style={{ height: plot.height }} />}>
            <Plot {...plot} mark={at.mark} />
          </Suspense>
        </Boundary>
      )}
    </figure>
  );
}

function Figures({ at, times, series, words }: ChartProps): ReactNode {
  return (
    <div className="chart-table">
      <Table
        columns={[{ name: at.name }, ...series.map(({ name }) => ({ name, figure: true }))]}
        rows={times.map((time, index) => ({
          key: time,
          cells: [at.words(time), ...series.map(({ values }) => (values[index] == null ? "–" : words(values[index])))],
        }))}
      />
    </div>
  );
}
