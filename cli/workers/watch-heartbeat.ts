export interface Heartbeat {
  /** Something came from the worker. */
  heard(isDebugged?: boolean): void;
  stop(): void;
}

/** How often a worker is asked within the time that it has. */
const ASKED = 4;

/**
 * Asks a worker again and again whether its event loop still turns, and calls `onHang` once when it has not answered
 * for `hangMs`. What counts is the questions that went unanswered, not the time: when it is this process that stood
 * still, the answers are there, only unread.
 *
 * A worker that a debugger can stop at any line hangs with good reason.
 */
export function watchHeartbeat(hangMs: number, ask: () => void, onHang: () => void): Heartbeat {
  let unanswered = 0;
  let isDebugged = false;
  const timer = setInterval(() => {
    if (unanswered >= ASKED && !isDebugged) {
      clearInterval(timer);
      onHang();
      return;
    }
    unanswered += 1;
    ask();
  }, hangMs / ASKED);
  timer.unref();
  return {
    heard(debugged = isDebugged) {
      unanswered = 0;
      isDebugged = debugged;
    },
    stop: () => clearInterval(timer),
  };
}
