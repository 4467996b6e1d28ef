const plainHost = /^[a-z0-9.-]+(:(\d{1,4}|[1-5]\d{4}))?$/;
const plainTarget = /^\/[\w!$&'()*+,\-./:;=?@~]*$/;

/**
 * The URL of a request from its target (RFC 9112 §3.2) and its Host header, without `.` and `..` in its path; `undefined`
 * when they make none.
 */
export function requestUrl(target: string, host: string | undefined): string | undefined {
  // Nearly all are of this kind, and are not taken apart to be put together again.
  if (host !== undefined && plainHost.test(host) && plainTarget.test(target) && !target.includes('/.')) {
    return `https://${host}${target}`;
  }
  const whole = /^https?:\/\//.test(target) ? target : `https://${host}${target}`;
  const isReadable = host !== undefined && !/[\s/\\@?#]/.test(host) && /^(\/|https?:\/\/)[^\\]*$/.test(target);
  return isReadable && URL.canParse(whole) ? new URL(whole).href : undefined;
}

/** The path of such a URL, its percent-encoding undone as far as that leaves its segments as they are. */
export function pathOf(url: string): string {
  const start = url.indexOf('/', 'https://'.length);
  const [path = ''] = url.slice(start).split(/[?#]/, 1);
  if (!path.includes('%')) return path;
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
