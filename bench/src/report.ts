/** What a benchmark found: rows to look at, and the goals that it is held against. */
export interface Finding {
  readonly title: string;
  /** Column heads of `rows`. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly goals: readonly Goal[];
  /** What has to be known to read the numbers. */
  readonly notes?: readonly string[];
}

export interface Goal {
  readonly name: string;
  readonly measured: number;
  readonly relation: 'at most' | 'at least';
  readonly goal: number;
}

export function isReached({ measured, relation, goal }: Goal): boolean {
  return relation === 'at most' ? measured <= goal : measured >= goal;
}

/** The finding as text for a terminal. */
export function findingText({ title, columns, rows, notes = [] }: Finding): string {
  return [title, '', table([columns, ...rows]), ...notes.map((note) => `  ${note}`), ''].join('\n');
}

/** All goals in one table, reached or missed. */
export function goalsText(findings: readonly Finding[]): string {
  const goals = findings.flatMap((finding) => finding.goals);
  const rows = goals.map((goal) => [
    goal.name,
    goal.measured,
    `${goal.relation} ${goal.goal}`,
    isReached(goal) ? 'reached' : 'MISSED',
  ]);
  return ['Goals', '', table([['ratio', 'measured', 'goal', ''], ...rows]), ''].join('\n');
}

function table(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map(cellText));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) => {
      const padded = row.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      );
      return `  ${padded.join('   ')}`.trimEnd();
    })
    .join('\n');
}

function cellText(cell: string | number): string {
  if (typeof cell === 'string') return cell;
  if (Number.isInteger(cell)) return String(cell);
  return Math.abs(cell) >= 100 ? cell.toFixed(0) : cell.toFixed(cell < 1 ? 3 : 2);
}
