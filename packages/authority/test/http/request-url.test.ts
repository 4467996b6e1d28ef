import { describe, expect, it } from 'vitest';
import { pathOf, requestUrl } from '../../src/http/request-url.ts';

describe('requestUrl', () => {
  it.each([
    ['/tenant/oauth2/v2.0/token?a=b', 'localhost:8443', 'https://localhost:8443/tenant/oauth2/v2.0/token?a=b'],
    ["/graph/v1.0/applications(appId='x')", 'localhost', "https://localhost/graph/v1.0/applications(appId='x')"],
    ['/a/../b', 'localhost', 'https://localhost/b'],
    ['/a/%2e%2e/b', 'localhost', 'https://localhost/b'],
    ['/a?next=..', 'localhost', 'https://localhost/a?next=..'],
    ['/', '[::1]:8443', 'https://[::1]:8443/'],
    ['/', 'LOCALHOST', 'https://localhost/'],
    ['/', 'my_container:8443', 'https://my_container:8443/'],
    ['//elsewhere.example/', 'localhost', 'https://localhost//elsewhere.example/'],
    ['https://localhost/through/a/proxy', 'localhost', 'https://localhost/through/a/proxy'],
    ['https://elsewhere.example/', 'localhost', 'https://elsewhere.example/'],
  ])('reads %s at %s', (target, host, url) => {
    expect(requestUrl(target, host)).toBe(url);
  });

  it.each([
    ['/', undefined],
    ['/', ''],
    ['/', 'user@localhost'],
    ['/', 'localhost/path'],
    ['/', 'localhost?query'],
    ['/', 'local host'],
    ['/', 'localhost:99999'],
    ['/a\\b', 'localhost'],
    ['*', 'localhost'],
    ['a', 'localhost'],
    ['', 'localhost'],
    ['ftp://localhost/', 'localhost'],
  ])('finds no URL in %j at %j', (target, host) => {
    expect(requestUrl(target, host)).toBeUndefined();
  });
});

describe('pathOf', () => {
  it.each([
    ['https://localhost:8443/a/b?c#d', '/a/b'],
    ['https://localhost/contoso%2eexample/x', '/contoso.example/x'],
    ['https://localhost/a%2Fb', '/a%2Fb'],
    ['https://localhost/%zz', '/%zz'],
    ['https://localhost/%ff', '/%ff'],
  ])('of %s is %s', (url, path) => {
    expect(pathOf(url)).toBe(path);
  });
});
