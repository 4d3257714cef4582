import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Voices of Debian's flite. */
const voices = ['rms', 'slt', 'awb', 'kal16'] as const;

/** What is said, by what it is to show; each line by the next voice. */
const corpora: Readonly<Record<string, readonly string[]>> = {
  sentences: [
    'I would like to change the delivery address of my last order.',
    'The technician will be with you on Thursday between nine and eleven.',
    'We are sorry for the delay and will send you a voucher.',
    'Could you tell me why my bill has gone up this month?',
    'Your contract can be cancelled with three months notice.',
    'The router was restarted twice but the light is still red.',
    'I have been waiting for somebody to call me back since Monday.',
    'Please hold the line while I speak to my supervisor.',
    'The parcel was left with a neighbour without my knowledge.',
    'There is a fee for early repayment of the loan.',
    'My husband and I would like to open a joint account.',
    'The warranty covers parts and labour for two years.',
    'You can find the serial number on the back of the device.',
    'I do not agree with the charge for the hotel room.',
    'The train was late and we missed our connection.',
    'Thank you for your patience, I have found your booking.',
  ],
  'digit-strings': [
    'seven two nine four one eight',
    'zero six five three three nine two',
    'four four one nine eight zero',
    'nine one two seven six five three eight',
    'three zero zero eight six one',
    'five eight two two four seven nine',
    'one nine six four zero seven',
    'eight three five one two nine zero',
    'two seven seven four six zero one',
    'six one eight nine three five',
    'four zero two five eight eight seven',
    'nine three six one zero four',
  ],
  'short-answers': [
    'yes',
    'no',
    'seven',
    'three',
    'okay',
    'nine',
    'no',
    'yes',
    'four',
    'zero',
    'eight',
    'yes',
    'two',
    'no',
    'five',
    'six',
  ],
};

/** Speaks the set into a folder of corpora as `sidetone eval wer` takes it. Needs flite; the same sound each time. */
export async function speakSet(folder: string): Promise<void> {
  for (const [corpus, lines] of Object.entries(corpora)) {
    await mkdir(join(folder, corpus), { recursive: true });
    const rows = lines.map((text, index) => {
      const path = `${index}.wav`;
      execFileSync('flite', [
        '-voice',
        voices[index % voices.length] ?? '',
        '-t',
        text,
        '-o',
        join(folder, corpus, path),
      ]);
      return `${JSON.stringify({ path, text })}\n`;
    });
    await writeFile(join(folder, corpus, 'manifest.jsonl'), rows.join(''));
  }
}
