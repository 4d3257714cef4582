import { expect, test } from 'vitest';
import { exampleUtterance } from '#test/dashboards/example-call.ts';
import { toPlainText, toVtt } from './subtitles.ts';

const utterances = [
  exampleUtterance('c', 0, ['caller', 900, 3600, 'My card is [CARD] -->\n\nok?', 0]),
  exampleUtterance('c', 1, ['callee', 3_723_004, 3_723_004, 'Bread & <b>butter</b>', 0]),
];

test('WebVTT: hours, escapes, no cue of no length, nothing that ends a cue early', () => {
  expect(toVtt(utterances)).toBe(
    [
      'WEBVTT',
      '',
      'c-u000',
      '00:00:00.900 --> 00:00:03.600',
      '<v caller>My card is [CARD] --&gt; ok?',
      '',
      'c-u001',
      '01:02:03.004 --> 01:02:03.005',
      '<v callee>Bread &amp; &lt;b&gt;butter&lt;/b&gt;',
      '',
    ].join('\n'),
  );
});

test('plain text: one line an utterance', () => {
  expect(toPlainText(utterances)).toBe(
    '00:00:00 caller: My card is [CARD] --> ok?\n01:02:03 callee: Bread & <b>butter</b>\n',
  );
});
