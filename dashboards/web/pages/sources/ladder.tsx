import type { SourceItem } from '../../../api/schemas/sources.ts';

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});

/** The last SIP dialog with a source, message by message: an arrow to us or from us; each opens to what it said. */
export function Ladder({ messages }: { readonly messages: SourceItem['ladder'] }) {
  return (
    <ol class="ladder" aria-label="Last SIP dialog">
      {messages.map(({ at, direction, peer, transport, summary, text }, index) => (
        <li key={index} class={`rung rung-${direction}`}>
          <details>
            <summary>
              <time class="rung-time" dateTime={at}>
                {clock.format(new Date(at))}
              </time>
              <span class="rung-arrow" aria-hidden="true">
                {direction === 'received' ? '→' : '←'}
              </span>
              <span class="unseen">{direction}</span>
              <strong>{summary}</strong>
              <span class="rung-peer">
                {direction === 'received' ? 'from' : 'to'} {peer}, {transport.toUpperCase()}
              </span>
            </summary>
            <pre class="rung-text" tabIndex={0} aria-label={`${summary}, ${direction}`}>
              {text}
            </pre>
          </details>
        </li>
      ))}
    </ol>
  );
}
