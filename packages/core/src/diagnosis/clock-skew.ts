import { durationInWords } from '../jwt/token-time.ts';

/** Points in time, in milliseconds since 1970. */
export interface Clocks {
  readonly server: number | undefined;
  /** The range of the assertion. */
  readonly from: number | undefined;
  readonly until: number | undefined;
  /** This machine's clock when the answer came. */
  readonly local: number | undefined;
}

/** Less than this is the time that a request takes, in milliseconds. */
const noticeable = 30_000;

/** How the server's clock stands to this machine's or, where that is not known, to the assertion's range. */
export function clockSkewInWords({ server, from, until, local }: Clocks): string | undefined {
  if (server === undefined) return undefined;
  if (local !== undefined) {
    const ahead = server - local;
    if (Math.abs(ahead) < noticeable)
      return until === undefined ? undefined : "the server's clock and this machine's agree";
    return `the server's clock is ${span(ahead)} ${ahead > 0 ? 'ahead of' : 'behind'} this machine's`;
  }
  if (until !== undefined && server >= until) {
    return `the server's clock is ${span(server - until)} ahead of the assertion's end`;
  }
  if (from !== undefined && server < from) {
    return `the server's clock is ${span(from - server)} behind the assertion's beginning`;
  }
  return undefined;
}

function span(milliseconds: number): string {
  return durationInWords(Math.max(1, Math.abs(milliseconds) / 1000));
}
