import type { Utterance } from '#analytics/types.ts';
import type { CallDetail } from '#db/types.ts';

export interface ExportedCall {
  readonly detail: CallDetail;
  readonly utterances: readonly Utterance[];
}

export type Cell = string | number | boolean | null;
export interface Table {
  readonly file: string;
  readonly columns: readonly string[];
  rows(call: ExportedCall): readonly (readonly Cell[])[];
}
