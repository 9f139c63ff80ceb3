// The page's one connection: questions with answers, and what it is told. It comes back by itself.

const PAUSES = [300, 1000, 2000, 4000]; // milliseconds before the next attempt

/** Ask with `ask`; `onpush` is told of changes, `onopen` after each connection, `onlost` when one has ended. */
export class Link {
  constructor({ onpush, onopen, onlost }) {
    Object.assign(this, { onpush, onopen, onlost });
    this.waiting = new Map();
    this.number = 0;
    this.failures = 0;
    this.connect();
  }

  connect() {
    const address = new URL("/page/socket", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.ws = new WebSocket(address);
    this.ws.onopen = () => { this.failures = 0; this.onopen(); };
    this.ws.onmessage = ({ data }) => this.take(JSON.parse(data));
    this.ws.onclose = () => this.lost();
  }

  lost() {
    for (const { reject } of this.waiting.values()) reject(new Error("The connection to the local Slack was lost."));
    this.waiting.clear();
    this.onlost();
    setTimeout(() => this.connect(), PAUSES[Math.min(this.failures, PAUSES.length - 1)]);
    this.failures += 1;
  }

  take(message) {
    if (message.push) {
      this.onpush(message);
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.ok) waiting?.resolve(message.result);
    else waiting?.reject(new Error(message.error));
  }

  /** The answer to one question; an error with what went wrong. */
  ask(what, more = {}) {
    if (this.ws.readyState !== WebSocket.OPEN) return Promise.reject(new Error("There is no connection to the local Slack right now."));
    this.number += 1;
    const id = this.number;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.ws.send(JSON.stringify({ id, do: what, ...more }));
    });
  }
}
