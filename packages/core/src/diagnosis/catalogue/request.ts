import { type CatalogueEntry, proves, says } from './entry.ts';
import * as sources from './sources.ts';

/** The form of the request. */

function malformed(code: number, title: string, name?: string): CatalogueEntry {
  return {
    code,
    ...(name === undefined ? {} : { name }),
    title,
    meaning: 'The server cannot read the request; the message names the parameter where it knows it.',
    causes: [
      {
        id: 'request-malformed',
        usual: 'likely',
        why: 'A parameter is missing, empty, given twice or not encoded as a form encodes it',
        fix: 'Look at the request that is sent (certgrant token --trace shows one that works) and compare the parameters',
      },
    ],
    sources: [sources.errorCodes, sources.clientCredentials],
  };
}

/** Codes about the form of the request. */
export const request: readonly CatalogueEntry[] = [
  {
    code: 900144,
    title: 'A parameter is missing in the body',
    meaning: 'The message names the parameter that the server did not find.',
    causes: [
      {
        id: 'body-is-not-a-form',
        usual: 'likely',
        why: 'The body is JSON, or the parameters stand in the URL, or the content type is missing, so that the server finds none',
        fix: 'Post the parameters as application/x-www-form-urlencoded, with that content type',
        signs: [says(/'grant_type'/, 'The server misses the first parameter of all')],
      },
      {
        id: 'parameter-missing',
        usual: 'likely',
        why: 'The parameter was left out or is empty',
        fix: 'Add the parameter that the message names',
        signs: [
          proves('The server names a parameter that only some requests lack', ({ message }) =>
            /'(?!grant_type')\w+'/.test(message),
          ),
        ],
      },
      {
        id: 'redirected',
        usual: 'unlikely',
        why: 'A redirect turned the POST into a GET and lost the body',
        fix: 'Post to the final address itself',
      },
    ],
    sources: [sources.errorCodes, sources.clientCredentials],
  },
  {
    code: 900561,
    title: 'The endpoint takes POST requests only',
    meaning: 'The token endpoint was called with another method.',
    causes: [
      {
        id: 'get-instead-of-post',
        usual: 'likely',
        why: 'The URL was opened in a browser, or a redirect turned the POST into a GET',
        fix: 'Send the request with POST to the final address',
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 9000411,
    title: 'A parameter of the request is there twice',
    meaning: 'The form names one parameter more than once, and only one of its values could count.',
    causes: [
      {
        id: 'parameter-twice',
        usual: 'likely',
        why: 'The request builder adds a parameter that was set already, for example client_assertion or scope',
        fix: 'Send each parameter once; scopes go into one parameter, with spaces between them',
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 9002326,
    title: 'A page of another site asked for the token',
    meaning: 'The request has an Origin header, as browsers send it, and the application is not registered as a page.',
    causes: [
      {
        id: 'asked-from-a-page',
        usual: 'likely',
        why: 'Script in a page posted to the token endpoint; a certificate or a secret has no place in a page',
        fix: 'Ask for the token in a server or a daemon, and let the page call that',
      },
      {
        id: 'origin-header-sent',
        usual: 'possible',
        why: 'A tool outside of a browser sends an Origin header, as some request builders do',
        fix: 'Remove the Origin header from the request',
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 70003,
    name: 'UnsupportedGrantType',
    title: 'The grant type is not known',
    meaning: 'grant_type names a flow that this endpoint does not have.',
    causes: [
      {
        id: 'grant-type-wrong',
        usual: 'likely',
        why: 'grant_type is misspelt, or it is one of another flow',
        fix: 'Send grant_type=client_credentials',
      },
    ],
    sources: [sources.errorCodes, sources.clientCredentials],
  },
  malformed(9002313, 'The request is malformed', 'InvalidRequest'),
  malformed(90023, 'The request is not valid', 'InvalidRequest'),
  malformed(90004, 'The request is not properly formatted', 'InvalidRequestFormat'),
  malformed(90013, 'A value in the request is not valid', 'InvalidUserInput'),
  malformed(90014, 'A required parameter is missing', 'MissingRequiredField'),
  malformed(90100, 'A parameter is empty or not valid', 'InvalidRequestParameter'),
];
