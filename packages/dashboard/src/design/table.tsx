import type { ReactNode } from "react";

/** A column of a table. */
interface Column {
  name: string;
  /** Whether it contains figures, which are right-aligned. */
  figure?: boolean;
}

interface TableProps {
  columns: readonly Column[];
  /** Rows; the first cell of each says what it is about. */
  rows: readonly { key: string | number; cells: readonly ReactNode[] }[];
  /** Whether each row becomes a few lines, with the names of its cells, where there is little room. */
  stacks?: boolean;
}

/** A table of figures or of words. */
export function Table({ columns, rows, stacks = false }: TableProps): ReactNode {
  return (
    <div className="scroll-x">
      <table className={stacks ? "table stacks" : "table"}>
        <thead>
          <tr>
            {columns.map(({ name, figure }) => (
              <th scope="col" key={name} className={figure === true ? "figure" : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells: [about, ...cells] }) => (
            <tr key={key}>
              <th scope="row">{about}</th>
              {cells.map((cell, index) => {
                const column = columns[index + 1];
                return (
                  <td key={column?.name} data-name={column?.name} className={column?.figure === true ? "figure" : undefined}>
                    {cell}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Shown in an empty cell. */
export function NothingIn(): ReactNode {
  return <span className="soft nothing">–</span>;
}
