/** Name of the recogniser's model that the packages bring along. Others: a pulled model's name, a folder, an endpoint. */
export const packagedModel = 'moonshine-tiny-en';

/** Whether a choice of a model is the address of a transcription endpoint. */
export function isEndpoint(choice: string): boolean {
  return /^https?:\/\//.test(choice);
}
