import type { RtcpSummary } from '../rtp/rtcp.ts';

/** Sender reports remembered: enough for one every five seconds over longer than any DLSR. */
const remembered = 8;

/**
 * What a leg's far end says of its reception, from its RTCP, and how far away it is: it returns the time of a sender
 * report that we passed to it (LSR) and how long it kept it (DLSR), RFC 3550 section 6.4.1.
 */
export class FarEndQuality {
  readonly #reportNtp = new Float64Array(remembered);
  readonly #reportSentMs = new Float64Array(remembered);
  #nextReport = 0;
  #lossSum = 0;
  #lossReports = 0;
  #roundTripMs: number | null = null;

  /** A sender report has just been relayed to this far end. */
  senderReportPassed(ntpMiddle: number, nowMs: number): void {
    this.#reportNtp[this.#nextReport] = ntpMiddle;
    this.#reportSentMs[this.#nextReport] = nowMs;
    this.#nextReport = (this.#nextReport + 1) % remembered;
  }

  /** RTCP has come from this far end. */
  heard(rtcp: RtcpSummary, nowMs: number): void {
    for (const reception of rtcp.receptions) {
      this.#lossSum += reception.lossFraction;
      this.#lossReports++;
      const slot = reception.lastSenderReport === 0 ? -1 : this.#reportNtp.indexOf(reception.lastSenderReport);
      if (slot < 0) continue;
      const keptMs = reception.delaySinceLastSenderReport / 65.536;
      const roundTripMs = nowMs - (this.#reportSentMs[slot] ?? nowMs) - keptMs;
      if (roundTripMs >= 0) this.#roundTripMs = roundTripMs;
    }
  }

  /** Mean of all reports, 0..1; null when there was none. */
  get lossFraction(): number | null {
    return this.#lossReports === 0 ? null : this.#lossSum / this.#lossReports;
  }
  /** Of the latest report that allowed it. */
  get roundTripMs(): number | null {
    return this.#roundTripMs;
  }
}
