import { maskText, type Platform } from '@certgrant/core';
import type { ReceivedRequest } from '../http/received-request.ts';
import { isGuid } from '../lib/identifiers.ts';

/** What is told of a request that has been answered; nothing secret is in it. */
export interface RequestReport {
  /** When it came: ISO 8601, by the system's clock. */
  readonly time: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The HTTP status of the answer; 0 when there was none. */
  readonly status: number;
  /** In milliseconds. */
  readonly duration: number;
  readonly correlationId?: string;
  /** Of a token request, where it is a GUID. */
  readonly clientId?: string;
  /** `AADSTS700027`. */
  readonly code?: string;
}

/** Tells of each request that has been answered. */
export class RequestReporter {
  readonly #platform: Platform;
  readonly #secret: string;
  readonly #tell: (report: RequestReport) => void;

  /**
   * @param platform the one outside, whose clock nobody moves
   * @param secret never told, wherever a client writes it
   */
  constructor(platform: Platform, secret: string, tell: (report: RequestReport) => void) {
    this.#platform = platform;
    this.#secret = secret;
    this.#tell = tell;
  }

  /** @returns what `end` wants back */
  begin(): number {
    return this.#platform.now();
  }

  end({ method, target, status, exchange, signIn }: ReceivedRequest, begun: number): void {
    const [path = ''] = target.split('?', 1);
    const clientId = signIn?.client?.application.appId ?? signIn?.clientId;
    this.#tell({
      time: new Date(begun).toISOString(),
      method,
      path: this.#fit(path),
      status,
      duration: this.#platform.now() - begun,
      ...(exchange === undefined ? {} : { correlationId: exchange.correlationId }),
      // Whatever else stands there may be a secret in the wrong place.
      ...(clientId !== undefined && isGuid(clientId) ? { clientId } : {}),
      ...(signIn?.refused === undefined ? {} : { code: `AADSTS${signIn.refused.code}` }),
    });
  }

  #fit(path: string): string {
    const masked = maskText(path.replace(/[^!-~]/g, '?')).replaceAll(this.#secret, '[masked]');
    return masked.slice(0, 200);
  }
}
