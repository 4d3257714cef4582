/**
 * What sip/ tells the stages after it, and what it needs of them. Main-thread objects unless said otherwise; every
 * event is readonly, structured-cloneable and frozen by whoever makes it.
 */

export * from './types/calls.ts';
export * from './types/media.ts';
export type * from './types/intake.ts';
export * from './types/captures.ts';
export type * from './types/sources.ts';
