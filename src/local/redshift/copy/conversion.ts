/**
 * How the text of a JSON value becomes a column's value, as SQL of the engine. `text` and `value` are evaluated for
 * every row and never raise; `code` is NULL for a good value, else Redshift's error code.
 */
export type Conversion = {
  /** The text COPY converts, NULL where Redshift loads NULL; over the raw text. */
  text: (raw: string) => string;
  /** The typed value, NULL when there is none; over the text. */
  value: (text: string) => string;
  /** The error code of a text that is not NULL; over the text and the typed value. */
  code: (text: string, value: string) => string;
};
