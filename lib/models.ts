/** Name of the recogniser's model that the packages bring along. Others: a pulled model's name, a folder, an endpoint. */
export const packagedModel = 'moonshine-tiny-en';

/** Whether a choice of a model is the address of a transcription endpoint. */
export function isEndpoint(choice: string): boolean {
  return /^https?:\/\//.test(choice);
}

/** Whether a choice of a model is a name, of the packaged or of a pulled one, rather than a folder or an endpoint. */
export function isModelName(choice: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(choice);
}
