// ZeroMQ sockets for web pages: ZWS 2.0 (ZeroMQ's RFC 45) over the browser's WebSocket, without dependencies.
//
//     const weather = new Socket("SUB", "ws://localhost:8083/weather");
//     weather.onmessage = ([update]) => console.log(text(update));
//     weather.subscribe("10001 ");
//
// A message is a list of frames: strings or Uint8Arrays when sent, Uint8Arrays when received. A socket has one peer,
// and connects to it again whenever the connection ends. Browsers allow no slash in a subprotocol, which leaves
// `ZWS2.0`: without a handshake, the first message in each direction is a routing id.

const SENDERS = ["DEALER", "PAIR", "PUSH"], TYPES = [...SENDERS, "PULL", "REQ", "SUB"];
const LAST = 0, MORE = 1, COMMAND = 2; // the first byte of a WebSocket message; the rest is a frame
const encoder = new TextEncoder(), decoder = new TextDecoder();

/** Intervals are in milliseconds. While the browser has more bytes to send than `bufferLimit`, messages wait here. */
const defaults = { routingID: "", sendHighWaterMark: 1000, bufferLimit: 1 << 20, handshakeInterval: 10_000,
    reconnectInterval: 100, reconnectIntervalMax: 5000 };

export const text = (frame) => decoder.decode(frame);

/** A message as it is sent: copies of the frames, with flags. */
const encoded = (frames) => frames.map((frame, index) => {
    const content = typeof frame === "string" ? encoder.encode(frame) : frame;
    if (!(content instanceof Uint8Array)) throw new TypeError("a frame is a string or a Uint8Array");
    const message = new Uint8Array(1 + content.length);
    message[0] = index < frames.length - 1 ? MORE : LAST;
    message.set(content, 1);
    return message;
});

export class Socket {
    onmessage = (frames) => {};
    onopen = () => {};          // there is a connection
    onclose = (reason) => {};   // it has ended, or there is none; another attempt follows
    onwritable = () => {};      // send() has returned false, and would not any more
    #options; #connection; #timer; #flushing; #delay; #fault = ""; #isReady = false; #isClosed = false;
    #queue = []; #isFull = false; #reply; #topics = new Map(); #frames = [];

    constructor(type, url, options) {
        if (!TYPES.includes(type)) throw new TypeError(`${type} is none of ${TYPES.join(", ")}`);
        [this.type, this.url, this.#options] = [type, url, { ...defaults, ...options }];
        this.#delay = this.#options.reconnectInterval;
        this.#connect();
    }

    /** DEALER, PAIR, PUSH: sends a message as soon as that is possible. False, and not at all, when too many wait. */
    send(...frames) { return this.#enqueue(SENDERS, frames); }

    /** REQ: sends a request when those before it have their replies. Fails if the connection ends before its own. */
    async request(...frames) {
        const { promise, ...reply } = Promise.withResolvers();
        if (!this.#enqueue(["REQ"], ["", ...frames], reply)) throw new Error("too many requests wait");
        return promise;
    }

    /** SUB: receives the messages that begin with the topic, a string. */
    subscribe(topic) {
        if (!this.#topics.has(topic) && this.#isReady) this.#write("\x01" + topic);
        this.#topics.set(topic, encoder.encode(topic));
    }
    unsubscribe(topic) {
        if (this.#topics.delete(topic) && this.#isReady) this.#write("\x00" + topic);
    }

    /** Ends the connection. What waits is lost. */
    close() {
        this.#isClosed = true;
        this.#connection.close(1000);
        [this.#timer, this.#flushing].forEach((timer) => clearTimeout(timer));
        for (const { reply } of this.#queue.splice(0)) reply?.reject(new Error("the socket is closed"));
    }

    #connect() {
        const connection = this.#connection = new WebSocket(this.url, ["ZWS2.0"]);
        connection.binaryType = "arraybuffer";
        connection.onopen = () => this.#write(this.#options.routingID);
        connection.onmessage = ({ data }) => this.#receive(new Uint8Array(typeof data === "string" ? 0 : data));
        connection.onclose = ({ reason }) => this.#lose(reason);
        this.#timer = setTimeout(() => this.#fail("the peer does not answer"), this.#options.handshakeInterval);
    }

    #open() {
        clearTimeout(this.#timer);
        [this.#isReady, this.#delay] = [true, this.#options.reconnectInterval];
        for (const topic of this.#topics.keys()) this.#write("\x01" + topic);
        this.#flush();
        this.onopen();
    }

    #receive(message) {
        const flags = message[0];
        if (!(flags <= COMMAND)) return this.#fail("the peer does not speak ZWS 2.0");
        if (!this.#isReady) return flags === LAST ? this.#open() : this.#fail("the peer sends no routing id");
        if (flags !== COMMAND) this.#frames.push(message.subarray(1)); // these types need no commands
        if (flags === LAST) this.#deliver(this.#frames.splice(0));
    }

    #deliver(frames) {
        const matches = (topic) => topic.every((byte, index) => frames[0][index] === byte);
        if (this.type === "SUB" && ![...this.#topics.values()].some(matches)) return;
        if (this.type !== "REQ") return this.onmessage(frames);
        if (frames.shift().length > 0) return; // it is no reply
        this.#reply?.resolve(frames);
        this.#reply = undefined;
        this.#flush();
    }

    #enqueue(types, frames, reply) {
        if (!types.includes(this.type)) throw new Error(`a ${this.type} cannot do this`);
        if (this.#isClosed) throw new Error("the socket is closed");
        this.#isFull = this.#queue.length >= this.#options.sendHighWaterMark;
        if (this.#isFull) return false;
        this.#queue.push({ message: encoded(frames), reply });
        this.#flush();
        return true;
    }

    #flush() {
        clearTimeout(this.#flushing);
        const isOpen = () => this.#isReady && this.#connection.readyState === WebSocket.OPEN;
        const hasRoom = () => this.#connection.bufferedAmount <= this.#options.bufferLimit;
        while (this.#queue.length > 0 && !this.#reply && isOpen() && hasRoom()) {
            const { message, reply } = this.#queue.shift();
            for (const part of message) this.#connection.send(part);
            this.#reply = reply;
        }
        if (isOpen() && !hasRoom()) this.#flushing = setTimeout(() => this.#flush(), 10); // no event says when it has
        if (!this.#isFull || this.#queue.length >= this.#options.sendHighWaterMark) return;
        this.#isFull = false;
        this.onwritable();
    }

    #write(frame) { this.#connection.send(encoded([frame])[0]); }

    #fail(fault) {
        this.#fault = fault;
        this.#connection.close(4000, fault);
    }

    #lose(reason) {
        clearTimeout(this.#timer);
        reason = this.#fault || reason || (this.#isReady ? "the connection has ended" : "there is no connection");
        this.#reply?.reject(new Error(`there is no reply: ${reason}`));
        [this.#isReady, this.#reply, this.#frames, this.#fault] = [false, undefined, [], ""];
        if (!this.#isClosed) this.#timer = setTimeout(() => this.#connect(), this.#delay * (0.5 + Math.random() / 2));
        this.#delay = Math.min(2 * this.#delay, this.#options.reconnectIntervalMax);
        this.onclose(reason);
    }
}
