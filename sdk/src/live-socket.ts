/** What a socket of the service says: how far a file is. */
export interface SocketMessage {
  readonly type: string;
  readonly event_id?: number;
  readonly data?: { readonly status: string; readonly phase?: string; readonly progress?: number };
}

/** A socket that is open. */
export interface LiveSocket {
  /** What it says from its opening on; ends when it is closed by whomever. To be read once. */
  messages(): AsyncGenerator<SocketMessage, void, void>;
  close(): void;
}

/** A connection that has died without a sign is found by an unanswered ping. */
const PING_MS = 15_000;

/** Opens a socket; `null` where that is not possible: no WebSocket here (Node 20), or something in between refuses. */
export function openSocket(url: string): Promise<LiveSocket | null> {
  if (typeof WebSocket === 'undefined') return Promise.resolve(null);
  const socket = new WebSocket(url);
  const { messages, push, end } = createQueue<SocketMessage>();
  let heard = true;
  const beat = setInterval(() => {
    if (!heard) return close();
    heard = false;
    if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"ping"}');
  }, PING_MS);

  function close(): void {
    clearInterval(beat);
    end();
    socket.close();
  }

  return new Promise((resolve) => {
    socket.onopen = () => resolve({ messages, close });
    socket.onmessage = ({ data }) => {
      heard = true;
      push(JSON.parse(String(data)) as SocketMessage);
    };
    socket.onerror = socket.onclose = () => {
      close();
      resolve(null);
    };
  });
}

/** Hands what is pushed to one reader, in order. */
function createQueue<T>() {
  const waiting: T[] = [];
  let ended = false;
  let wake = () => {};
  async function* messages(): AsyncGenerator<T, void, void> {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if (ended) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return {
    messages,
    push(item: T) {
      waiting.push(item);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
  };
}
