// What the bench uses of peers that come without types.

declare module 'jsonwebtoken' {
  import type { KeyObject } from 'node:crypto';

  const jsonwebtoken: {
    sign(claims: object, key: KeyObject, options: { readonly algorithm: string; readonly header: object }): string;
  };
  export = jsonwebtoken;
}

declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  export class Provider {
    constructor(issuer: string, configuration: object);
    callback(): RequestListener;
  }
}

declare module 'node-forge' {
  const forge: {
    util: { createBuffer(octets: Uint8Array): object };
    asn1: { fromDer(buffer: object): object };
    pkcs12: {
      pkcs12FromAsn1(
        structure: object,
        password: string,
      ): {
        getBags(filter: { readonly bagType: string }): Readonly<Record<string, readonly { readonly key?: unknown }[]>>;
      };
    };
    pki: { readonly oids: Readonly<Record<string, string>> };
  };
  export = forge;
}
