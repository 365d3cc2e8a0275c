import { SmallWarehouse } from '../small-warehouse.ts';

/** A statement that must fail, why it must, and a part of the message. */
export type Refusal = [statement: string, why: string, message: string];

const schema = `
  CREATE TABLE users (user_id integer NOT NULL, first_name varchar(5), level char(4), at timestamp, PRIMARY KEY (user_id));
  CREATE TABLE counted (id bigint IDENTITY(1, 1), name varchar(10));
  CREATE TEMP TABLE stage (LIKE users);
  CREATE VIEW names AS SELECT first_name FROM users;
  INSERT INTO users VALUES (1, 'Ann', 'free', NULL);
`;

/** One test per refused statement, each run against a warehouse with a few tables. */
export function describeRefusals(title: string, refusals: Refusal[]): void {
  describe(title, () => {
    let warehouse: SmallWarehouse;
    beforeAll(async () => {
      warehouse = await SmallWarehouse.open(schema);
    });
    afterAll(() => {
      warehouse.close();
    });

    test.each(refusals)('%s — %s', async (statement, _why, message) => {
      await expect(warehouse.run(statement)).rejects.toThrow(message);
    });
  });
}
