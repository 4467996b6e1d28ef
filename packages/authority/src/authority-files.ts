import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '@certgrant/core/node';

/** What other programs need for talking to an authority, as files. */
export interface AuthorityFiles {
  /** PEM; everybody may read it. */
  readonly caFile: string;
  /** Nobody else may read it. */
  readonly adminTokenFile: string;
  /** Removes what does not outlast the authority. */
  remove(): Promise<void>;
}

/** Writes the files into the data folder, or into a private temporary one that goes with the authority. */
export async function writeAuthorityFiles(
  dataDir: string | undefined,
  { ca, adminToken }: { readonly ca: string; readonly adminToken: string },
): Promise<AuthorityFiles> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'certgrant-authority-')));
  const caFile = join(folder, 'ca.pem');
  const adminTokenFile = join(folder, 'admin-token');
  const encoder = new TextEncoder();
  await writeFileAtomically(caFile, encoder.encode(ca), { mode: 0o644, overwrite: true });
  await writeFileAtomically(adminTokenFile, encoder.encode(`${adminToken}\n`), { mode: 0o600, overwrite: true });
  const remove = (): Promise<void> =>
    // A token that no authority takes any more is of no use; the CA of a data folder goes on being trusted.
    dataDir === undefined ? rm(folder, { recursive: true, force: true }) : rm(adminTokenFile, { force: true });
  return { caFile, adminTokenFile, remove };
}
