import type { ListedFormat } from './format.ts';

/** Every format by its name, in the order of `--list`. A format's code is loaded only when it is asked for. */
export const exportFormats: Readonly<Record<string, ListedFormat>> = {
  postman: {
    makes: 'a collection (v2.1.0) and an environment for Postman and newman, which sign by themselves',
    inFolder: true,
    canHoldKey: true,
    proof: 'run',
    provenBy: 'newman 6.2.2, Postman CLI 1.34.0',
    load: () => import('./formats/postman.ts'),
  },
  bruno: {
    makes: 'a folder that Bruno opens, which signs in its safe mode',
    inFolder: true,
    canHoldKey: true,
    proof: 'run',
    provenBy: 'Bruno CLI 4.1.0',
    load: () => import('./formats/bruno.ts'),
  },
  http: {
    makes:
      '.http files: one for httpYac, which signs, and one for the REST Client of VS Code, which takes a ready assertion',
    inFolder: true,
    canHoldKey: false,
    proof: 'run',
    provenBy: 'httpYac 6.16.7 (both token requests; the REST Client itself was not run)',
    load: () => import('./formats/http.ts'),
  },
};
