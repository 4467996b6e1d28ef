import { usageError } from '../usage.ts';
import type { ExportSettings } from './format.ts';

/** The files that an exported program opens: the same one twice, where certificate and key are in one. */
export interface KeyFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** For programs that read PEM alone. */
export function pemFiles(settings: ExportSettings): KeyFiles {
  const fileFormat = settings.certificate?.fileFormat ?? 'pem';
  if (fileFormat !== 'pem') {
    throw usageError(
      `--cert: the exported program reads PEM, and this is ${fileFormat.toUpperCase()}`,
      'Make a PEM file with certgrant cert convert FILE --to pem --out my-daemon.pem, and give that',
    );
  }
  return namedFiles(settings, 'my-daemon.pem');
}

/** For programs that read PKCS#12 alone. */
export function pfxFile(settings: ExportSettings): string {
  const fileFormat = settings.certificate?.fileFormat ?? 'pfx';
  if (fileFormat !== 'pfx') {
    throw usageError(
      `--cert: what is exported for reads PFX (PKCS#12), and this is ${fileFormat.toUpperCase()}`,
      'Make a PFX file with certgrant cert convert FILE --to pfx --out my-daemon.pfx, and give that',
    );
  }
  return namedFiles(settings, 'my-daemon.pfx').certificateFile;
}

/** @param gap the name that stands where no path was given */
function namedFiles({ files }: ExportSettings, gap: string): KeyFiles {
  const certificateFile = files.cert ?? gap;
  return { certificateFile, keyFile: files.key ?? certificateFile };
}
