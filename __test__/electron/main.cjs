// The main process of the Electron test: the core suite, with windows that come and go, and
// receives that are armed from Chromium's tasks. It has to end by itself, by `app.quit`.
const { app, BrowserWindow, ipcMain } = require('electron');
const { closeSync, openSync } = require('fs');
const { join } = require('path');

if (process.versions.node.startsWith('12.')) {
  require('./old-node.cjs');
}
const { Conduit } = require('fd-conduit');

/** Opens a window, has it call back through Chromium, and closes it. */
async function window() {
  const preload = join(__dirname, 'preload.cjs');
  const opened = new BrowserWindow({
    show: true,
    webPreferences: { preload, contextIsolation: false, sandbox: false },
  });
  const said = new Promise((resolve) => ipcMain.once('hello', resolve));
  await opened.loadURL('data:text/html,<title>core</title><p>hello');
  await said;
  const closed = new Promise((resolve) => opened.once('closed', resolve));
  opened.close();
  await closed;
}

/** The loop of Node is idle, and a task of Chromium's makes the call that waits. */
async function armedFromTask() {
  const [here, there] = Conduit.pair();
  const opened = new BrowserWindow({
    show: false,
    webPreferences: {
      preload: join(__dirname, 'preload.cjs'),
      contextIsolation: false,
      sandbox: false,
    },
  });
  let rounds = 0;
  const done = new Promise((resolve, reject) => {
    ipcMain.on('tick', () => {
      const coming = there.receive({ timeoutMs: 5_000 });
      here
        .transferFd(openSync('/dev/null', 'r'))
        .then(() => coming)
        .then((descriptor) => {
          descriptor.close();
          rounds += 1;
          if (rounds === 20) {
            resolve();
          }
        })
        .catch(reject);
    });
  });
  await opened.loadURL('data:text/html,<title>ticks</title>');
  opened.webContents.send('start');
  await done;
  opened.destroy();
  here.close();
  there.close();
}

async function check(name, body) {
  try {
    await body();
    console.log(`ok - ${name}`);
  } catch (error) {
    console.log(`failed - ${name}: ${error.stack}`);
    process.exitCode = 1;
  }
}

app.on('window-all-closed', () => {
  // Not the end: windows come and go here.
});

app.whenReady().then(async () => {
  closeSync(openSync('/dev/null', 'r'));
  const waiting = Conduit.pair();
  const coming = waiting[1].receive();
  await check('a window opens and closes while a receive waits', window);
  await check('a receive that is armed from a task of Chromium is woken', armedFromTask);
  await waiting[0].transferFd(openSync('/dev/null', 'r'));
  (await coming).close();
  for (const end of waiting) {
    end.close();
  }
  await require('./core/main.js').finished;
  console.log(
    `electron ${process.versions.electron}, node ${process.versions.node}, node-api ${process.versions.napi}`,
  );
  app.exit(process.exitCode || 0);
});
