import { packets } from 'rtp.js';

/** What Sidetone reads of RTCP (RFC 3550 section 6.4). The one adapter over rtp.js. */
export interface RtcpSummary {
  /** Middle 32 bits of the sender report's NTP time, as a receiver gives it back in LSR; null without a sender report. */
  readonly senderNtpMiddle: number | null;
  readonly receptions: readonly RtcpReception[];
}
export interface RtcpReception {
  /** 0..1, of the packets expected since the previous report. */
  readonly lossFraction: number;
  /** LSR and DLSR as sent: 1/65536 s; lastSenderReport is 0 when no sender report has reached the reporter. */
  readonly lastSenderReport: number;
  readonly delaySinceLastSenderReport: number;
}

const { CompoundPacket, ReceiverReportPacket, SenderReportPacket } = packets;

/** Undefined when the bytes are no RTCP compound packet. Bytes that rtp.js refuses are the sender's fault, not an error. */
export function readRtcp(bytes: Uint8Array): RtcpSummary | undefined {
  if (bytes.length < 8) return undefined;
  let senderNtpMiddle: number | null = null;
  const receptions: RtcpReception[] = [];
  try {
    const compound = new CompoundPacket(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
    for (const packet of compound.getPackets()) {
      if (packet instanceof SenderReportPacket) {
        senderNtpMiddle = (((packet.getNtpSeconds() & 0xffff) << 16) | (packet.getNtpFraction() >>> 16)) >>> 0;
      }
      if (packet instanceof SenderReportPacket || packet instanceof ReceiverReportPacket) {
        for (const report of packet.getReports()) {
          receptions.push({
            lossFraction: report.getFractionLost() / 256,
            lastSenderReport: report.getLastSRTimestamp() >>> 0,
            delaySinceLastSenderReport: report.getDelaySinceLastSR() >>> 0,
          });
        }
      }
    }
  } catch {
    return undefined;
  }
  return { senderNtpMiddle, receptions };
}
