import { type Check, defineCheck, passed, warned } from '../check.ts';

/** Whether the certificate's issuers are there, which matters where the chain is sent. */
export const chain: Check = defineCheck({
  id: 'chain',
  doing: 'put the chain in order',
  needs: ['credential'],
  run: ({ credential, settings }) => {
    const { chain: certificates } = credential;
    const last = certificates.at(-1) ?? credential.certificate;
    const isWhole = last.subject === last.issuer;
    if (certificates.length === 1 && isWhole) return passed('the certificate is self-signed');
    const length = `${certificates.length} certificate${certificates.length === 1 ? '' : 's'}`;
    if (isWhole) return passed(`${length}, up to the root ${last.subject}`);
    const detail = `${length}; the issuer ${last.issuer} is not in the file`;
    if (settings?.sendChain !== true) return passed(`${detail}, and the chain is not sent`);
    // A root need not be sent (RFC 7515 §4.1.6); a lone certificate of a CA lacks what lies between.
    if (certificates.length > 1) return passed(`${detail}, as a root need not be`);
    return warned(detail, 'Put the certificates of the intermediate CAs into the file: the chain is to be sent (x5c)');
  },
});
