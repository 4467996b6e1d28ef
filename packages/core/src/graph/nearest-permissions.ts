/**
 * The permissions that are spelled most like `written`, at most three: those that begin with it first, then those that
 * differ in at most a third of their letters.
 */
export function nearestPermissions(written: string, permissions: readonly string[]): readonly string[] {
  const wanted = written.toLowerCase();
  return permissions
    .map((permission) => ({ permission, distance: distanceTo(wanted, permission.toLowerCase()) }))
    .filter(({ permission, distance }) => distance <= Math.max(2, permission.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ permission }) => permission);
}

function distanceTo(wanted: string, permission: string): number {
  // User.Read for User.Read.All is the usual slip: the delegated permission's name for the application's.
  if (wanted.length >= 3 && permission.startsWith(wanted)) return 1 - 1 / permission.length;
  return editDistance(wanted, permission);
}

/** Insertions, deletions and replacements (Levenshtein). */
function editDistance(a: string, b: string): number {
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    last = current;
  }
  return last[b.length] ?? 0;
}
