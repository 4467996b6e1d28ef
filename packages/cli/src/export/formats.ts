import type { ListedFormat } from './format.ts';

/** One file, which opens the key file itself. */
const program = { inFolder: false, canHoldKey: false } as const;

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
  curl: {
    makes: 'a shell script: openssl signs, curl asks',
    ...program,
    proof: 'run',
    provenBy: 'dash and bash, with openssl and curl',
    load: () => import('./formats/curl.ts'),
  },
  c: {
    makes: 'a program in C: OpenSSL 3 signs, libcurl asks',
    ...program,
    proof: 'run',
    provenBy: 'gcc and its sanitizers, with OpenSSL 3 and libcurl',
    load: () => import('./formats/c.ts'),
  },
  powershell: {
    makes: 'a script for Windows PowerShell 5.1 and PowerShell 7: .NET signs and asks',
    ...program,
    proof: 'checked',
    provenBy: 'a grammar of PowerShell',
    load: () => import('./formats/powershell.ts'),
  },
  python: {
    makes: 'a program in Python, with MSAL',
    ...program,
    proof: 'run',
    provenBy: 'Python 3 with MSAL',
    load: () => import('./formats/python.ts'),
  },
  node: {
    makes: 'a program for Node, with certgrant or MSAL',
    ...program,
    proof: 'run',
    provenBy: 'Node with both libraries',
    load: () => import('./formats/node.ts'),
  },
  go: {
    makes: 'a program in Go, with MSAL',
    ...program,
    proof: 'checked',
    provenBy: 'a grammar of Go',
    load: () => import('./formats/go.ts'),
  },
  csharp: {
    makes: 'a program in C#, with MSAL',
    ...program,
    proof: 'checked',
    provenBy: 'a grammar of C#',
    load: () => import('./formats/csharp.ts'),
  },
  java: {
    makes: 'a program in Java, with MSAL',
    ...program,
    proof: 'checked',
    provenBy: 'a grammar of Java',
    load: () => import('./formats/java.ts'),
  },
  terraform: {
    makes: 'the settings of the azuread provider of Terraform',
    ...program,
    proof: 'checked',
    provenBy: "HashiCorp's parser of HCL",
    load: () => import('./formats/terraform.ts'),
  },
  'github-actions': {
    makes: 'a workflow of GitHub Actions that signs in with a certificate',
    ...program,
    proof: 'checked',
    provenBy: 'a parser of YAML',
    load: () => import('./formats/github-actions.ts'),
  },
};
