import type { Config } from '#lib/config/schema.ts';
import { callIdHeader } from '../b2bua/context.ts';
import type { SentResponse, SipRequest } from '../b2bua/messages.ts';
import { sessionFields, srsAccept, srsAllow, srsSupported } from './recording-invite.ts';

/** RFC 7866 section 6.1.2: how a recording server is told from a telephone. */
const srsContact = '<sip:sidetone@localhost>;+sip.srs';

/** 200 to an INVITE or UPDATE of a recording client. @throws SidetoneError `sip-unreachable` */
export function respondOk(
  config: Config,
  request: SipRequest,
  callId: string,
  description: string | undefined,
): Promise<SentResponse> {
  return request.respond(200, {
    headers: {
      ...sessionFields(config, request),
      [callIdHeader]: callId,
      Contact: srsContact,
      Allow: srsAllow,
      Accept: srsAccept,
      Supported: srsSupported,
      ...(description === undefined ? {} : { 'Content-Type': 'application/sdp' }),
    },
    ...(description === undefined ? {} : { body: description }),
  });
}
