/**
 * What the speaker model is trained on, and nothing else is: corpora by the name of their folder, and of those whose
 * manifest tells splits apart, the training split alone. LibriSpeech is left out although a sample of three readers was
 * at hand: they are among the readers of the list that the model is judged by. So are corpora under share-alike, or whose licence is not known.
 */
export const trainingCorpora: readonly { readonly corpus: string; readonly split?: string }[] = [
  { corpus: 'speechocean762', split: 'train' },
  { corpus: 'an4', split: 'train' },
  { corpus: 'speech_commands_9w' },
  { corpus: 'cmu_arctic_bdl_slt' },
];
