// URL and URLSearchParams, as browsers have them; the parsing is native.
(function (native, kit) {
  'use strict';
  const { JSON, Object, String, Symbol, TypeError } = globalThis;

  const text = (value) => String(value).toWellFormed();

  // Set by a URL that owns the query: what to do when it changes.
  let own;

  class URLSearchParams {
    #pairs = [];
    #changed = () => {};

    static {
      own = (query, changed) => {
        const params = new URLSearchParams(query);
        params.#changed = changed;
        return { params, renew: (fresh) => { params.#pairs = JSON.parse(native.pairs(fresh)); } };
      };
    }

    constructor(init = '') {
      if (init !== null && typeof init === 'object') {
        const pairs = typeof init[Symbol.iterator] === 'function' ? [...init] : Object.entries(init);
        this.#pairs = pairs.map((pair) => {
          const both = pair !== null && typeof pair === 'object' ? [...pair] : [];
          if (both.length !== 2) throw new TypeError('URLSearchParams takes pairs of a name and a value');
          return both.map(text);
        });
      } else {
        this.#pairs = JSON.parse(native.pairs(text(init).replace(/^\?/, '')));
      }
    }

    get size() {
      return this.#pairs.length;
    }

    append(name, value) {
      if (arguments.length < 2) throw new TypeError('append takes a name and a value');
      this.#pairs.push([text(name), text(value)]);
      this.#changed(this);
    }

    delete(name, value) {
      this.#pairs = this.#pairs.filter(([key, part]) => key !== text(name) || (value !== undefined && part !== text(value)));
      this.#changed(this);
    }

    get(name) {
      const found = this.#pairs.find(([key]) => key === text(name));
      return found === undefined ? null : found[1];
    }

    getAll(name) {
      return this.#pairs.filter(([key]) => key === text(name)).map(([, part]) => part);
    }

    has(name, value) {
      return this.#pairs.some(([key, part]) => key === text(name) && (value === undefined || part === text(value)));
    }

    set(name, value) {
      if (arguments.length < 2) throw new TypeError('set takes a name and a value');
      const at = this.#pairs.findIndex(([key]) => key === text(name));
      const pair = [text(name), text(value)];
      if (at === -1) this.#pairs.push(pair);
      else this.#pairs = this.#pairs.filter(([key], index) => index <= at || key !== pair[0]).with(at, pair);
      this.#changed(this);
    }

    sort() {
      this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      this.#changed(this);
    }

    forEach(each, self) {
      for (const [name, value] of this.#pairs) each.call(self, value, name, this);
    }

    *entries() {
      for (const [name, value] of this.#pairs) yield [name, value];
    }

    *keys() {
      for (const [name] of this.#pairs) yield name;
    }

    *values() {
      for (const [, value] of this.#pairs) yield value;
    }

    [Symbol.iterator]() {
      return this.entries();
    }

    toString() {
      return native.query(JSON.stringify(this.#pairs));
    }
  }

  const PARTS = [
    'href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash',
  ];
  const parsed = (url, base) => (base === undefined ? native.url(text(url)) : native.url(text(url), text(base)));

  let read;
  let write;

  class URL {
    #parts;
    #query;

    static {
      read = (url, part) => url.#parts[part];
      write = (url, name, value) => {
        const changed = native.urlWith(url.#parts[0], name, text(value));
        if (typeof changed !== 'string') throw new TypeError(`'${text(value)}' is no URL`);
        url.#parts = JSON.parse(changed);
        if (url.#query !== undefined) url.#query.renew(url.#parts[9].slice(1));
      };
    }

    constructor(url, base) {
      const parts = parsed(url, base);
      if (typeof parts !== 'string') {
        throw new TypeError(`'${text(url)}' is no URL${base === undefined ? '; is a base missing?' : ''}`);
      }
      this.#parts = JSON.parse(parts);
    }

    static canParse(url, base) {
      return typeof parsed(url, base) === 'string';
    }

    static parse(url, base) {
      return URL.canParse(url, base) ? new URL(url, base) : null;
    }

    get searchParams() {
      this.#query ??= own(this.#parts[9].slice(1), (params) => {
        this.#parts = JSON.parse(native.urlWith(this.#parts[0], 'search', params.toString()));
      });
      return this.#query.params;
    }

    toString() {
      return this.#parts[0];
    }

    toJSON() {
      return this.#parts[0];
    }
  }

  PARTS.forEach((name, part) => {
    Object.defineProperty(URL.prototype, name, {
      get() {
        return read(this, part);
      },
      set: name === 'origin' ? undefined : function (value) {
        write(this, name, value);
      },
      enumerable: true,
      configurable: true,
    });
  });

  kit.URL = URL;
  kit.URLSearchParams = URLSearchParams;
})
