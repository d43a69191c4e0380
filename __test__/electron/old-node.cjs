// What Electron 9 (Node 12, V8 8.3) lacks of the Node that the package is written for. Only this
// test needs it: an Electron that the package supports has all of it.
const Module = require('module');
const { constants } = require('os');
const util = require('util');

const load = Module._load;
const standIns = {
  'assert/strict': () => require('assert').strict,
  'fs/promises': () => require('fs').promises,
  'timers/promises': () => ({
    setTimeout: (delayMs, value) => new Promise((resolve) => setTimeout(resolve, delayMs, value)),
    setImmediate: (value) => new Promise((resolve) => setImmediate(resolve, value)),
  }),
};
Module._load = (name, ...rest) => {
  const plain = name.replace(/^node:/, '');
  return standIns[plain] === undefined ? load(plain, ...rest) : standIns[plain]();
};

Object.hasOwn = (object, key) => Reflect.getOwnPropertyDescriptor(object, key) !== undefined;
Array.prototype.at = function at(index) {
  return this[index < 0 ? this.length + index : index];
};
util.getSystemErrorMap = () =>
  new Map(Object.entries(constants.errno).map(([name, code]) => [-code, [name, name]]));

globalThis.performance = require('perf_hooks').performance;
const { promises } = require('fs');
promises.rm = (path, options) => promises.rmdir(path, options);

for (const name of ['dispose', 'asyncDispose']) {
  Object.defineProperty(Symbol, name, { value: Symbol(name) });
}

// Without the real one, what is forgotten is not closed; the core suite closes all it opens.
globalThis.FinalizationRegistry = class {
  register() {}
  unregister() {}
};
globalThis.WeakRef = class {
  constructor(target) {
    this.target = target;
  }
  deref() {
    return this.target;
  }
};
globalThis.AggregateError = class extends Error {
  constructor(errors, message) {
    super(message);
    this.errors = errors;
  }
};

globalThis.AbortSignal = class extends EventTarget_() {
  static timeout(delayMs) {
    const signal = new AbortSignal();
    signal.aborted = false;
    setTimeout(() => {
      signal.aborted = true;
      signal.reason = new Error('timeout');
      signal.dispatchEvent({ type: 'abort' });
    }, delayMs);
    return signal;
  }
};

function EventTarget_() {
  return class {
    listeners = new Set();
    addEventListener(_type, listener) {
      this.listeners.add(listener);
    }
    removeEventListener(_type, listener) {
      this.listeners.delete(listener);
    }
    dispatchEvent(event) {
      for (const listener of this.listeners) {
        typeof listener === 'function' ? listener(event) : listener.handleEvent(event);
      }
    }
  };
}
