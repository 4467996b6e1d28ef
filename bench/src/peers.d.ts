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
