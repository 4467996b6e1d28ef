/** How the value of an attribute is written (RFC 5280 appendix A). */
export type AttributeSyntax = 'utf8' | 'printable' | 'ia5';

export interface AttributeType {
  readonly oid: string;
  /** As it is printed: RFC 4514 §3 and, for the others, the name that certificate tools share. */
  readonly name: string;
  readonly syntax: AttributeSyntax;
  /** The longest value in characters (RFC 5280 appendix A, upper bounds). */
  readonly maximum: number;
}

/** Object identifier, name, syntax, longest value, and other names that people and tools write. */
type Row = readonly [string, string, AttributeSyntax, number, ...(readonly string[])];

const rows: readonly Row[] = [
  ['2.5.4.3', 'CN', 'utf8', 64, 'commonName'],
  ['2.5.4.10', 'O', 'utf8', 64, 'organizationName'],
  ['2.5.4.11', 'OU', 'utf8', 64, 'organizationalUnitName'],
  ['2.5.4.6', 'C', 'printable', 2, 'countryName'],
  ['2.5.4.7', 'L', 'utf8', 128, 'localityName'],
  ['2.5.4.8', 'ST', 'utf8', 128, 'stateOrProvinceName', 'S'],
  ['2.5.4.9', 'STREET', 'utf8', 128, 'streetAddress'],
  ['0.9.2342.19200300.100.1.25', 'DC', 'ia5', 63, 'domainComponent'],
  ['0.9.2342.19200300.100.1.1', 'UID', 'utf8', 256, 'userId'],
  ['1.2.840.113549.1.9.1', 'emailAddress', 'ia5', 255, 'E', 'email'],
  ['2.5.4.5', 'serialNumber', 'printable', 64],
  ['2.5.4.4', 'SN', 'utf8', 32_768, 'surname'],
  ['2.5.4.42', 'givenName', 'utf8', 32_768, 'GN', 'G'],
  ['2.5.4.12', 'title', 'utf8', 64, 'T'],
  ['2.5.4.43', 'initials', 'utf8', 32_768, 'I'],
  ['2.5.4.44', 'generationQualifier', 'utf8', 32_768],
  ['2.5.4.46', 'dnQualifier', 'printable', 64],
  ['2.5.4.65', 'pseudonym', 'utf8', 128],
  ['2.5.4.13', 'description', 'utf8', 1024],
  ['2.5.4.17', 'postalCode', 'utf8', 40],
  ['2.5.4.97', 'organizationIdentifier', 'utf8', 256],
];

/** By object identifier in dotted form. */
export function attributeTypeByOid(oid: string): AttributeType | undefined {
  return described(rows.find(([candidate]) => candidate === oid));
}

/** By name or alias, in any case. */
export function attributeTypeByName(name: string): AttributeType | undefined {
  const wanted = name.toLowerCase();
  return described(
    rows.find(([, known, , , ...aliases]) => [known, ...aliases].some((each) => each.toLowerCase() === wanted)),
  );
}

function described(row: Row | undefined): AttributeType | undefined {
  if (row === undefined) return undefined;
  const [oid, name, syntax, maximum] = row;
  return { oid, name, syntax, maximum };
}
