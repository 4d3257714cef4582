/**
 * From when on something is missing. Each is as small as it can be without ordinary calls being flagged for what their
 * peers do anyway; docs/assurance.md explains them to whoever sees a call flagged.
 */

/** Peers begin to send up to a second after the answer, and stop up to a second before the end. */
export const edgeMs = 2_000;
/** Of a stream from which less was to be expected, nothing is said but whether it came: nobody may have spoken yet. */
export const judgedFromMs = 5_000;
/** Nobody who takes part in a call is this silent: the line's own noise and a few words are more. */
export const silentShare = 0.98;
/** Of a stream's packets. From here on speech is hard to follow, whatever fills the holes (G.113: 5 % of G.711). */
export const lossShare = 0.05;
