/** How the value of an attribute is written (RFC 5280 appendix A). */
export type AttributeSyntax = 'utf8' | 'printable' | 'ia5';

export interface AttributeType {
  readonly oid: string;
  /** As it is printed: RFC 4514 §3 and, for the others, the name that certificate tools share. */
  readonly name: string;
  readonly syntax: AttributeSyntax;
  /** The longest value in characters (RFC 5280 appendix A, upper bounds). */
  readonly maximum: number;
  /** Other names that people and tools write. */
  readonly aliases: readonly string[];
}

const types: readonly AttributeType[] = [
  type('2.5.4.3', 'CN', 'utf8', 64, 'commonName'),
  type('2.5.4.10', 'O', 'utf8', 64, 'organizationName'),
  type('2.5.4.11', 'OU', 'utf8', 64, 'organizationalUnitName'),
  type('2.5.4.6', 'C', 'printable', 2, 'countryName'),
  type('2.5.4.7', 'L', 'utf8', 128, 'localityName'),
  type('2.5.4.8', 'ST', 'utf8', 128, 'stateOrProvinceName', 'S'),
  type('2.5.4.9', 'STREET', 'utf8', 128, 'streetAddress'),
  type('0.9.2342.19200300.100.1.25', 'DC', 'ia5', 63, 'domainComponent'),
  type('0.9.2342.19200300.100.1.1', 'UID', 'utf8', 256, 'userId'),
  type('1.2.840.113549.1.9.1', 'emailAddress', 'ia5', 255, 'E', 'email'),
  type('2.5.4.5', 'serialNumber', 'printable', 64),
  type('2.5.4.4', 'SN', 'utf8', 32_768, 'surname'),
  type('2.5.4.42', 'givenName', 'utf8', 32_768, 'GN', 'G'),
  type('2.5.4.12', 'title', 'utf8', 64, 'T'),
  type('2.5.4.43', 'initials', 'utf8', 32_768, 'I'),
  type('2.5.4.44', 'generationQualifier', 'utf8', 32_768),
  type('2.5.4.46', 'dnQualifier', 'printable', 64),
  type('2.5.4.65', 'pseudonym', 'utf8', 128),
  type('2.5.4.13', 'description', 'utf8', 1024),
  type('2.5.4.17', 'postalCode', 'utf8', 40),
  type('2.5.4.97', 'organizationIdentifier', 'utf8', 256),
];

function type(
  oid: string,
  name: string,
  syntax: AttributeSyntax,
  maximum: number,
  ...aliases: readonly string[]
): AttributeType {
  return { oid, name, syntax, maximum, aliases };
}

/** By object identifier in dotted form. */
export function attributeTypeByOid(oid: string): AttributeType | undefined {
  return types.find((candidate) => candidate.oid === oid);
}

/** By name, in any case. */
export function attributeTypeByName(name: string): AttributeType | undefined {
  const wanted = name.toLowerCase();
  return types.find(({ name, aliases }) => [name, ...aliases].some((known) => known.toLowerCase() === wanted));
}
