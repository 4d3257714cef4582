import type { ColumnType } from 'kysely';

/** Kinds of columns: what is read, what is inserted, what an update takes. */

export type Time = ColumnType<Date, string, string>;
export type NullableTime = ColumnType<Date | null, string | null | undefined, string | null>;
/** Written as JSON text: pg would turn a JavaScript array into a Postgres one. */
export type Jsonb<Value> = ColumnType<Value, string, string>;
export type NullableJsonb<Value> = ColumnType<Value | null, string | null, string | null>;
export type Derived<Value> = ColumnType<Value, never, never>;
