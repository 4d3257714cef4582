import type { ErrorCode } from '#lib/errors.ts';
import type { EngineSettings } from '../engines/by-language.ts';
import type { PieceText, SoundPiece } from '../types.ts';

/** What the process of the second pass and its parent say to each other, by structured clone. One request at a time. */
export type SecondParentMessage =
  | { readonly type: 'start'; readonly engine: EngineSettings }
  | { readonly type: 'recognise'; readonly pieces: readonly SoundPiece[] };

export type SecondChildMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'heard'; readonly texts: readonly (PieceText | null)[] }
  /** It exits after that. */
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly reason: string };
