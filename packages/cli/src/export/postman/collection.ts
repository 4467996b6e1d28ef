import { tokenRequestBody } from '../token-request-body.ts';
import { apiScript, apiTests, readyAssertionScript, signingScript, tokenTests } from './scripts.ts';

/** The identifier by which Postman, newman and others know the format. */
export const collectionSchema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';

/**
 * As text: a value with `{{` in a table of fields would be taken for a variable, so the scope stands in its variable as it
 * does in a form, and the other values have no such characters.
 */
const body = tokenRequestBody({
  clientId: '{{client_id}}',
  scope: '{{scope}}',
  clientAssertion: '{{client_assertion}}',
});

/** The collection is the same for everybody: who asks for what stands in the environment. */
export function collection(): object {
  return {
    info: {
      name: 'Access token by certificate',
      description:
        'Gets an access token from Microsoft Entra ID with a certificate (client credentials, RFC 7523) and calls an API with it. Choose the environment that came with it. The private key belongs into the Postman vault as private_key_pem, or into the secret variable of that name.',
      schema: collectionSchema,
    },
    item: [
      folder(
        'With the private key',
        'The pre-request script signs the assertion. Nothing has to be pasted.',
        signingScript,
      ),
      folder(
        'With a ready assertion',
        'For a key that must not be here: paste what certgrant assertion prints into ready_assertion. It is good for ten minutes.',
        readyAssertionScript,
      ),
    ],
    variable: [{ key: 'access_token', value: '', type: 'string' }],
  };
}

function folder(name: string, description: string, script: string): object {
  return { name, description, item: [tokenRequest(script), apiRequest()] };
}

function tokenRequest(script: string): object {
  return {
    name: 'Get a token',
    event: [event('prerequest', script), event('test', tokenTests)],
    request: {
      method: 'POST',
      header: [
        { key: 'Content-Type', value: 'application/x-www-form-urlencoded' },
        { key: 'Accept', value: 'application/json' },
      ],
      body: { mode: 'raw', raw: body },
      auth: { type: 'noauth' },
      url: '{{token_endpoint}}',
    },
    response: [],
  };
}

function apiRequest(): object {
  return {
    name: 'Call the API',
    event: [event('prerequest', apiScript), event('test', apiTests)],
    request: {
      method: 'GET',
      // As a header and not as `auth`: the reports of Postman's command line can leave headers out, and keep what is in `auth`.
      header: [
        { key: 'Authorization', value: 'Bearer {{access_token}}' },
        { key: 'Accept', value: 'application/json' },
      ],
      auth: { type: 'noauth' },
      url: '{{api_url}}',
    },
    response: [],
  };
}

function event(listen: 'prerequest' | 'test', script: string): object {
  return { listen, script: { type: 'text/javascript', exec: script.trimEnd().split('\n') } };
}
