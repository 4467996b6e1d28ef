/** Ends with a plain sentence when Node is too old; this file itself must be readable to every Node with modules. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`error: start: this is Node ${process.versions.node}, and certgrant needs 20.19 or later`);
  console.error('hint: Install a current Node from https://nodejs.org');
  process.exit(1);
}
