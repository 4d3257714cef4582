import { SidetoneError } from '#lib/errors.ts';
import { callId } from '../dashboards/api/schemas/common.ts';

/** @throws SidetoneError `bad-request` that says what a call's id looks like, and where to find one */
export function callIdOf(text: string): string {
  if (callId.safeParse(text).success) return text;
  throw new SidetoneError(
    'bad-request',
    `${JSON.stringify(text)} is no call id: one looks like 01938f3e-6b7c-7c2a-9d31-0f5f1f6f8a11. It is the last part of ` +
      "the address of the call's page, which `sidetone search WORDS` prints, and `sidetone call` tells that of its call",
  );
}
