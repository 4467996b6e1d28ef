import type { Check } from './check.ts';
import { authorities } from './checks/authorities.ts';
import { chain } from './checks/chain.ts';
import { clock } from './checks/clock.ts';
import { discovery } from './checks/discovery.ts';
import { dns } from './checks/dns.ts';
import { environment } from './checks/environment.ts';
import { file } from './checks/file.ts';
import { format } from './checks/format.ts';
import { header } from './checks/header.ts';
import { issuer } from './checks/issuer.ts';
import { key } from './checks/key.ts';
import { keyType } from './checks/key-type.ts';
import { password } from './checks/password.ts';
import { permissions } from './checks/permissions.ts';
import { proxy } from './checks/proxy.ts';
import { roles } from './checks/roles.ts';
import { serverClock } from './checks/server-clock.ts';
import { settings } from './checks/settings.ts';
import { tcp } from './checks/tcp.ts';
import { thumbprints } from './checks/thumbprints.ts';
import { tls } from './checks/tls.ts';
import { token } from './checks/token.ts';
import { tunnel } from './checks/tunnel.ts';
import { validity } from './checks/validity.ts';

/** Every check, causes before their consequences: the first that fails is the one to mend. */
export const checks: readonly Check[] = [
  // Before the wire
  settings,
  environment,
  clock,
  file,
  format,
  password,
  permissions,
  key,
  chain,
  validity,
  keyType,
  thumbprints,
  header,
  // On the wire
  authorities,
  proxy,
  dns,
  tcp,
  tunnel,
  tls,
  discovery,
  issuer,
  serverClock,
  token,
  roles,
];
