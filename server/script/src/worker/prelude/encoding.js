// TextEncoder and TextDecoder for UTF-8. (`atob` and `btoa` are the engine's own.)
(function (native, kit) {
  'use strict';
  const { ArrayBuffer, Boolean, Object, RangeError, String, TypeError, Uint8Array } = globalThis;

  const encoded = (text) => new Uint8Array(native.encode(String(text).toWellFormed()));

  class TextEncoder {
    get encoding() {
      return 'utf-8';
    }

    encode(text = '') {
      return encoded(text);
    }

    encodeInto(text, target) {
      if (!(target instanceof Uint8Array)) throw new TypeError('encodeInto writes into a Uint8Array');
      const source = String(text);
      const bytes = encoded(source);
      if (bytes.length <= target.length) {
        target.set(bytes);
        return { read: source.length, written: bytes.length };
      }
      let end = target.length;
      while (end > 0 && (bytes[end] & 0xc0) === 0x80) end--;
      target.set(bytes.subarray(0, end));
      return { read: native.decode(bytes.buffer, 0, end, false).length, written: end };
    }
  }

  const LABELS = ['utf-8', 'utf8', 'unicode-1-1-utf-8'];

  // How many bytes at the end of `bytes` begin a character that is not there whole.
  function unfinished(bytes) {
    for (let back = 1; back <= Math.min(3, bytes.length); back++) {
      const byte = bytes[bytes.length - back];
      if ((byte & 0xc0) === 0x80) continue;
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
      return length > back ? back : 0;
    }
    return 0;
  }

  function bytesOf(input) {
    if (input === undefined || (ArrayBuffer.isView(input) ? input.buffer : input).detached) return new Uint8Array(0);
    if (input instanceof ArrayBuffer) return new Uint8Array(input);
    if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
    throw new TypeError('TextDecoder decodes an ArrayBuffer, a typed array or a DataView');
  }

  class TextDecoder {
    #fatal;
    #ignoreBOM;
    #rest = new Uint8Array(0);
    #begun = false;

    constructor(label = 'utf-8', options = {}) {
      if (!LABELS.includes(String(label).trim().toLowerCase())) {
        throw new RangeError(`TextDecoder knows UTF-8 only, not '${label}'`);
      }
      const chosen = Object(options);
      this.#fatal = Boolean(chosen.fatal);
      this.#ignoreBOM = Boolean(chosen.ignoreBOM);
    }

    get encoding() {
      return 'utf-8';
    }

    get fatal() {
      return this.#fatal;
    }

    get ignoreBOM() {
      return this.#ignoreBOM;
    }

    decode(input, options = {}) {
      let bytes = bytesOf(input);
      if (this.#rest.length > 0) {
        const joined = new Uint8Array(this.#rest.length + bytes.length);
        joined.set(this.#rest);
        joined.set(bytes, this.#rest.length);
        bytes = joined;
      }
      const streams = Boolean(Object(options).stream);
      const kept = streams ? unfinished(bytes) : 0;
      this.#rest = kept > 0 ? bytes.slice(bytes.length - kept) : new Uint8Array(0);
      let text = native.decode(bytes.buffer, bytes.byteOffset, bytes.length - kept, this.#fatal);
      if (typeof text !== 'string') {
        this.#rest = new Uint8Array(0);
        this.#begun = false;
        throw new TypeError('The bytes are not valid UTF-8');
      }
      if (!this.#begun && text !== '') {
        this.#begun = true;
        if (!this.#ignoreBOM && text.startsWith('\ufeff')) text = text.slice(1);
      }
      if (!streams) this.#begun = false;
      return text;
    }
  }

  kit.TextEncoder = TextEncoder;
  kit.TextDecoder = TextDecoder;
})
