/** Points in time as Entra ID writes them; all are UTC, all take milliseconds since the epoch. */

/** `2024-10-02 22:05:03Z`: the time stamp of an error. */
export function timestampForm(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** `2024-10-02T22:05:03.6750000Z`: a time in a sentence, with .NET's seven digits of a second. */
export function roundTripForm(time: number): string {
  return new Date(time).toISOString().replace(/(\.\d{3})Z$/, '$10000Z');
}

/** `10/02/2024 22:05:03`: the validity of a found key. */
export function keyDateForm(time: number): string {
  const [date = '', clock = ''] = new Date(time).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${month}/${day}/${year} ${clock.slice(0, 8)}`;
}
