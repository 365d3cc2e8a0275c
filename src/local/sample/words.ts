/** The words a sample is made of. Several are not ASCII, and one is mis-decoded, because real ones are. */

export const FIRST_NAMES =
  'Ada Amélie Björn Chloé Dmitri Elif Femi Grace Hiro Inés Jack Kwame Leïla Mateo Nadia Oskar Priya Quinn Rosa Søren Tomás Uma Viktor Wei Ximena Yusuf Zoë'.split(
    ' ',
  );

export const LAST_NAMES =
  "Abbott Bauer Castro D'Souza Eriksson Fontaine García Huang Ivanova Jansen Kowalski López Müller Nakamura O'Brien Petrov Quintero Rossi Schmidt Torres Ueda Varga Weber Xu Yılmaz Zhang".split(
    ' ',
  );

export const HOMES = [
  'San Francisco-Oakland-Hayward, CA',
  'Portland-South Portland, ME',
  'Chicago-Naperville-Elgin, IL-IN-WI',
  'New York-Newark-Jersey City, NY-NJ-PA',
  'Houston-The Woodlands-Sugar Land, TX',
  'Seattle-Tacoma-Bellevue, WA',
  'Mayagüez, PR',
  'Española, NM',
  'Boulder, CO',
  'Urban Honolulu, HI',
  'Nashville-Davidson--Murfreesboro--Franklin, TN',
  'Tucson, AZ',
];

export const USER_AGENTS = [
  '"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_4) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/36.0.1985.143 Safari/537.36"',
  '"Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/36.0.1985.125 Safari/537.36"',
  '"Mozilla/5.0 (iPhone; CPU iPhone OS 7_1_2 like Mac OS X) AppleWebKit/537.51.2 (KHTML, like Gecko) Version/7.0 Mobile/11D257 Safari/9537.53"',
  'Mozilla/5.0 (Windows NT 6.1; WOW64; rv:31.0) Gecko/20100101 Firefox/31.0',
  'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:31.0) Gecko/20100101 Firefox/31.0',
];

/** Where artists come from: the place as text, latitude and longitude in degrees. */
export const ARTIST_PLACES: readonly (readonly [string, number, number])[] = [
  ['London, England', 51.50632, -0.12714],
  ['Reykjavík, Iceland', 64.14533, -21.94222],
  ['São Paulo, Brasil', -23.55052, -46.63331],
  ['Detroit, MI', 42.33168, -83.04792],
  ['Göteborg, Sverige', 57.70887, 11.97456],
  ['東京', 35.68949, 139.69171],
  ['Kingston, Jamaica', 17.97154, -76.79316],
  ['Lagos, Nigeria', 6.52438, 3.37921],
  ['Москва', 55.75696, 37.61502],
  ['Athens, GA', 33.95584, -83.39306],
];

export const ARTIST_WORDS =
  'Amber Basement Cardinal Delta Électrique Fjord Glass Harbour Ivory Jupiter Kosmos Lantern Midnight Northern Ökonomie Paper Quartz River Señor Tundra Über Velvet Wolf Yellow Zürich'.split(
    ' ',
  );

export const ARTIST_KINDS = [
  'Band',
  'Orchestra',
  'Trio',
  'Brothers',
  '& The Echoes',
  'Sound System',
  'AC/DC Tribute',
  '楽団',
];

export const TITLE_WORDS =
  'Again Blue Corazón Dance Every Forever Ghost Heart In Just Kiss Light Moon Never Only Please Quiet Rain Summer Tonight Under Voice Winter You Zero été'.split(
    ' ',
  );

/** "Björk" as UTF-8 read as Latin-1 twice: real events carry such names, with C1 control characters, and nobody repairs them. */
export const MISDECODED_ARTIST = 'Bj\u00c3\u0083\u00c2\u00b6rk';
