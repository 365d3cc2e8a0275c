import type { Cursor } from './cursor.ts';
import { assignments, checkColumns, insertColumns, refuseReturning, value } from './dml.ts';
import { renamed, tableAlias } from './from-clause.ts';
import { conditionSql, matchCondition, type MatchCondition, type MergeSource } from './merge-condition.ts';
import { columnsOfTable, NAMELESS, relationOf } from './names.ts';
import { queryWithColumns, startsQuery } from './query.ts';
import { refused } from './refusals.ts';
import { engineName, quoteName } from './scope.ts';
import type { Scope } from './scope.ts';
import { SqlError } from '../types.ts';
import type { Plan, Table } from '../types.ts';

/**
 * Parses a MERGE after its verb, as Redshift has it: equality between columns, literals that bound the target, both WHEN clauses
 * or REMOVE DUPLICATES, no alias for the target, no conditions. https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html
 */
export function merge(cursor: Cursor, scope: Scope): Plan {
  cursor.expect('INTO');
  const target = scope.write(cursor.tableName(), 'SELECT');
  if (cursor.keyword() !== 'USING') throw refused(cursor.unexpected().message, 'MERGE has no alias for its target');
  cursor.expect('USING');
  const source = mergeSource(cursor, scope, target);
  cursor.expect('ON');
  const condition = matchCondition(cursor, target, source);
  const using = `${source.text} AS ${source.alias}`;
  const on = conditionSql(condition);
  if (cursor.take('REMOVE', 'DUPLICATES')) {
    if (cursor.keyword() === 'WHEN') throw refused(cursor.unexpected().message, 'REMOVE DUPLICATES excludes WHEN');
    const name = engineName(target);
    scope.access.need(target, 'DELETE', 'INSERT');
    return {
      kind: 'write',
      statements: [
        `DELETE FROM ${name} USING ${using} WHERE ${on}`,
        `INSERT INTO ${name} SELECT ${source.alias}.* FROM ${using}`,
      ],
    };
  }
  const { action, insertion } = scope.inQuery((names) => {
    const clauses = whenClauses(cursor, scope, target);
    const { schema, name: called } = target;
    names.resolve(
      [relationOf({ schema, name: called }, undefined, columnsOfTable(target)), source.relation],
      new Set(),
    );
    return clauses;
  });
  const into = insertion.columns.map(quoteName).join(', ');
  const name = engineName(target);
  const sorted = insertion.columns.findIndex((column) => column === target.sortKey);
  const order = sorted === -1 ? '' : ` ORDER BY ${sorted + 1}`;
  const merge = `MERGE INTO ${name} USING ${using} ON ${on} WHEN MATCHED THEN ${action} WHEN NOT MATCHED THEN INSERT (${into}) VALUES (${insertion.values.join(', ')})`;
  return {
    kind: 'merge',
    matches: `SELECT 1 FROM ${name} JOIN ${using} ON ${on} LIMIT 1`,
    duplicates: duplicateCheck(target, using, condition),
    merge,
    // Only VALUES knows the word DEFAULT.
    insert: insertion.values.includes('DEFAULT')
      ? merge
      : `INSERT INTO ${name} (${into}) SELECT ${insertion.values.join(', ')} FROM ${using}${order}`,
  };
}

/** Finds a target row that several source rows match. Source keys that come twice are few, and the join with them is cheap. */
function duplicateCheck(target: Table, using: string, condition: MatchCondition): string {
  const { keys } = condition;
  const keyColumns = keys.map(({ source }, index) => `${source} AS key_${index}`).join(', ');
  const groups = keys.map(({ source }) => source).join(', ');
  const on = conditionSql(condition, (_, index) => `duplicate.key_${index}`);
  return `SELECT 1 FROM ${engineName(target)} JOIN (SELECT ${keyColumns} FROM ${using} GROUP BY ${groups} HAVING count(*) > 1) AS duplicate ON ${on} LIMIT 1`;
}

function mergeSource(cursor: Cursor, scope: Scope, target: Table): MergeSource {
  if (startsQuery(cursor)) {
    if (cursor.keyword(1) === 'WITH') throw refused(cursor.unexpected().message, 'MERGE allows no WITH');
    cursor.expectOperator('(');
    const source = scope.alone(() => queryWithColumns(cursor, scope));
    cursor.expectOperator(')');
    if (scope.readNames.has(engineName(target))) {
      throw new SqlError('Source view/subquery in Merge statement cannot reference target table.', '0A000');
    }
    const alias = tableAlias(cursor);
    if (alias === undefined) throw refused('subquery in FROM must have an alias', 'PostgreSQL before 16 asks for it');
    const relation = relationOf(NAMELESS, alias.name, renamed(source.columns, alias.columns));
    return { text: `(${source.text})`, alias: alias.text, relation };
  }
  const name = cursor.tableName();
  const text = scope.read(name);
  if (text === engineName(target)) throw new SqlError('MERGE source and target cannot be the same table', '0A000');
  const alias = tableAlias(cursor);
  const relation = relationOf(name, alias?.name, renamed(scope.columnsOf(name), alias?.columns));
  return { text, alias: alias?.text ?? quoteName(name.name), relation };
}

type Insertion = { columns: string[]; values: string[] };

function whenClauses(cursor: Cursor, scope: Scope, target: Table): { action: string; insertion: Insertion } {
  if (cursor.atEnd)
    throw refused(cursor.unexpected().message, 'MERGE needs WHEN MATCHED and WHEN NOT MATCHED, or REMOVE DUPLICATES');
  cursor.expect('WHEN');
  if (cursor.keyword() === 'NOT') {
    const alone = !cursor.tokens
      .slice(cursor.position + 1)
      .some((token) => token.kind === 'word' && token.text.toUpperCase() === 'WHEN');
    if (alone) throw singleWhen();
    throw refused(cursor.unexpected().message, 'WHEN MATCHED comes before WHEN NOT MATCHED');
  }
  cursor.expect('MATCHED');
  refuseCondition(cursor);
  cursor.expect('THEN');
  const action = matchedAction(cursor, scope, target);
  if (!cursor.take('WHEN')) throw cursor.peek() ? cursor.unexpected() : singleWhen();
  if (cursor.keyword() === 'MATCHED') throw refused(cursor.unexpected().message, 'MERGE has one WHEN MATCHED');
  cursor.expect('NOT');
  cursor.expect('MATCHED');
  refuseCondition(cursor);
  cursor.expect('THEN');
  const insertion = notMatchedInsert(cursor, scope, target);
  refuseReturning(cursor);
  return { action, insertion };
}

function singleWhen(): SqlError {
  return new SqlError('MERGE statement with a single WHEN clause is not enabled.', '0A000');
}

function refuseCondition(cursor: Cursor): void {
  if (cursor.keyword() === 'AND') throw refused(cursor.unexpected().message, 'WHEN has no conditions in Redshift');
  if (cursor.keyword() === 'BY') throw refused(cursor.unexpected().message, 'Redshift has no BY SOURCE or BY TARGET');
}

function matchedAction(cursor: Cursor, scope: Scope, target: Table): string {
  if (cursor.take('DELETE')) {
    scope.access.need(target, 'DELETE');
    return 'DELETE';
  }
  if (cursor.keyword() === 'DO') throw refused(cursor.unexpected().message, 'Redshift has no DO NOTHING');
  cursor.expect('UPDATE');
  cursor.expect('SET');
  scope.access.need(target, 'UPDATE');
  return `UPDATE SET ${assignments(cursor, scope, target)}`;
}

function notMatchedInsert(cursor: Cursor, scope: Scope, target: Table): Insertion {
  cursor.expect('INSERT');
  scope.access.need(target, 'INSERT');
  const written = cursor.isOperator('(') ? cursor.list(() => insertColumn(cursor)) : undefined;
  if (written) checkColumns(target, written);
  cursor.expect('VALUES');
  const values = cursor.list(() => value(cursor, scope));
  return { columns: insertColumns(target, written, values.length), values };
}

function insertColumn(cursor: Cursor): string {
  const name = cursor.identifier();
  if (cursor.isOperator('.')) throw refused(cursor.unexpected().message, 'a column in INSERT must not name its table');
  return name;
}
