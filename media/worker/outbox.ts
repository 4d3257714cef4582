/**
 * Messages to another thread: those that are said in one go leave in one post, in order, because it is the post that
 * costs (it wakes the other thread). Nothing waits for longer: what is said takes effect at once.
 */
export function createOutbox<Message>(post: (messages: readonly Message[]) => void): (message: Message) => void {
  let waiting: Message[] = [];
  return (message) => {
    waiting.push(message);
    if (waiting.length > 1) return;
    queueMicrotask(() => {
      const messages = waiting;
      waiting = [];
      post(messages);
    });
  };
}
