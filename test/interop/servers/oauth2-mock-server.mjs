// oauth2-mock-server: it checks nothing but the grant type.
import { OAuth2Server } from 'oauth2-mock-server';
import { settings } from './listen.mjs';

const server = new OAuth2Server(settings.keyFile, settings.certificateFile);
await server.issuer.keys.generate('RS256');
await server.start(0, 'localhost');
const { url } = server.issuer;
console.log(JSON.stringify({ issuer: url, tokenEndpoint: `${url}/token` }));
