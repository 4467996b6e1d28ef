import { CertgrantError, type ErrorCode } from '../errors.ts';

/** One way in which a connection fails, as the runtimes report it. */
interface NetworkFailure {
  /** The codes of Node's and Bun's errors, and where there is none (Deno) a piece of the message. */
  readonly signs: RegExp;
  readonly code: ErrorCode;
  /** What is wrong, after "action: ". */
  readonly problem: (host: string) => string;
  readonly fix: string;
}

const trustFix = 'Add the CA that issued it with --ca FILE, or name its file in NODE_EXTRA_CA_CERTS';

/** From the most telling to the least: the first that matches anything in the chain of causes explains the failure. */
const failures: readonly NetworkFailure[] = [
  {
    signs: /Proxy response \(\d+\)/,
    code: 'CONNECTION_FAILED',
    problem: (host) => `the proxy refuses to connect to ${host}`,
    fix: 'Check HTTPS_PROXY, with the user name and password that the proxy wants, or name the host in NO_PROXY',
  },
  {
    signs: /ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|NotValidForName/,
    code: 'TLS_NOT_TRUSTED',
    problem: (host) => `the TLS certificate of ${host} is made for another host name`,
    fix: 'Call the server by a name that its certificate holds, or give it a certificate with this name; a CA from --ca or NODE_EXTRA_CA_CERTS does not help against this',
  },
  {
    signs: /CERT_HAS_EXPIRED|certificate expired|invalid peer certificate: Expired/,
    code: 'TLS_NOT_TRUSTED',
    problem: (host) => `the TLS certificate of ${host} has expired`,
    fix: "Check this machine's clock and have the server's certificate renewed; a CA from --ca or NODE_EXTRA_CA_CERTS does not help unless it is the CA's own certificate that expired",
  },
  {
    signs: /CERT_NOT_YET_VALID|NotValidYet/,
    code: 'TLS_NOT_TRUSTED',
    problem: (host) => `the TLS certificate of ${host} is not valid yet`,
    fix: "Check this machine's clock and the server's certificate; a CA from --ca or NODE_EXTRA_CA_CERTS does not help against this",
  },
  {
    signs: /DEPTH_ZERO_SELF_SIGNED_CERT|CaUsedAsEndEntity/,
    code: 'TLS_NOT_TRUSTED',
    problem: (host) => `the TLS certificate of ${host} is self-signed and not trusted here`,
    fix: 'Add it with --ca FILE, or name its file in NODE_EXTRA_CA_CERTS',
  },
  {
    signs:
      /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT|CERT_UNTRUSTED|CERT_CHAIN_TOO_LONG|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|UnknownIssuer/,
    code: 'TLS_NOT_TRUSTED',
    problem: (host) => `the TLS certificate of ${host} comes from a CA that is not trusted here`,
    fix: trustFix,
  },
  {
    signs: /CERT_REVOKED|CERT_REJECTED|CERT_SIGNATURE_FAILURE|EE_KEY_TOO_SMALL|CA_MD_TOO_WEAK|invalid peer certificate/,
    code: 'TLS_NOT_TRUSTED',
    problem: (host) => `the TLS certificate of ${host} is refused`,
    fix: `Have the server's certificate replaced. If only its CA is unknown: ${trustFix}`,
  },
  {
    signs: /ENOTFOUND|EAI_AGAIN|EAI_NODATA|EAI_NONAME|ENODATA|dns error|FailedToOpenSocket|ERR_NAME_NOT_RESOLVED/,
    code: 'HOST_NOT_FOUND',
    problem: (host) => `the host ${host} was not found`,
    fix: 'Check the spelling of the host name, the network connection and, behind a proxy, HTTPS_PROXY',
  },
  {
    signs: /ECONNREFUSED|ConnectionRefused|[Cc]onnection refused/,
    code: 'CONNECTION_FAILED',
    problem: (host) => `${host} refuses connections`,
    fix: 'Check that the server runs and listens on this port, and that no firewall is between',
  },
  {
    signs: /ENETUNREACH|EHOSTUNREACH|ENETDOWN|EADDRNOTAVAIL|unreachable/,
    code: 'CONNECTION_FAILED',
    problem: (host) => `${host} cannot be reached from here`,
    fix: 'Check the network connection and, behind a proxy, HTTPS_PROXY',
  },
  {
    signs: /ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT/,
    code: 'TIMEOUT',
    problem: (host) => `${host} does not answer`,
    fix: 'Check the network connection and, behind a proxy, HTTPS_PROXY; then try again',
  },
  {
    signs: /ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)|InvalidContentType/,
    code: 'CONNECTION_FAILED',
    problem: (host) => `${host} does not speak TLS on this port`,
    fix: 'Check the port, and whether the URL should begin with http://',
  },
  {
    signs: /ERR_SSL_|EPROTO|HandshakeFailure|AlertReceived/,
    code: 'CONNECTION_FAILED',
    problem: (host) => `the TLS handshake with ${host} failed`,
    fix: 'Check that the server offers TLS 1.2 or later on this port and asks for no client certificate',
  },
  {
    signs: /HPE_|InvalidHTTPResponse|Malformed_HTTP|invalid HTTP/,
    code: 'CONNECTION_FAILED',
    problem: (host) => `${host} answers with something that is not HTTP`,
    fix: 'Check the port, and whether the URL should begin with https://',
  },
  {
    signs: /bad port/,
    code: 'CONNECTION_FAILED',
    problem: (host) => `the port of ${host} is one that fetch never connects to`,
    fix: 'Have the server listen on another port; the Fetch standard lists the blocked ones',
  },
  {
    signs:
      /ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|ConnectionClosed|connection closed|terminated|end of file|error reading a body/,
    code: 'CONNECTION_FAILED',
    problem: (host) => `${host} closed the connection before it had answered`,
    fix: 'Try again; if it stays so, look into the log of the server or of the proxy before it',
  },
];

/**
 * Explains why `fetch` failed.
 *
 * `fetch` rejects with a bare TypeError; what happened stands in the `code` or message of one of its causes, differently
 * in each runtime. Browsers tell nothing at all.
 *
 * @param action how the message begins, for example "request token"
 * @param host the host, with its port, as it is shown to the user
 */
export function networkError(thrown: unknown, action: string, host: string): CertgrantError {
  const signs = signsOf(thrown);
  const failure = failures.find((candidate) => candidate.signs.test(signs));
  if (failure !== undefined) {
    return new CertgrantError(failure.code, `${action}: ${failure.problem(host)}`, {
      fix: failure.fix,
      cause: thrown,
    });
  }
  return new CertgrantError('CONNECTION_FAILED', `${action}: the connection to ${host} failed`, {
    fix: "Check the URL and the network connection; in a browser also the server's CORS headers and its TLS certificate",
    cause: thrown,
  });
}

/** Codes and messages of an error, its causes and, where several addresses were tried, all of their errors. */
function signsOf(thrown: unknown): string {
  const signs: string[] = [];
  const visit = (error: unknown, depth: number): void => {
    if (!(error instanceof Error) || depth > 5) return;
    signs.push(String((error as { code?: unknown }).code ?? ''), error.message);
    for (const one of error instanceof AggregateError ? error.errors : []) visit(one, depth + 1);
    visit(error.cause, depth + 1);
  };
  visit(thrown, 0);
  return signs.join('\n');
}
