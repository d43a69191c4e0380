// A main process that gets open files from a helper: the helper may be one with other rights, and
// the app never sees a path.
const { spawn } = require('node:child_process');
const { join } = require('node:path');
const { app, BrowserWindow } = require('electron');
const { Conduit } = require('fd-conduit');

async function fileFromHelper() {
  const [conduit, theirs] = Conduit.pair();
  // Electron itself runs the helper, as plain Node, with the other end as its descriptor 3.
  const helper = spawn(process.execPath, [join(__dirname, 'helper.cjs')], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'inherit', 'inherit', theirs.fd],
  });
  theirs.close();
  try {
    const file = await conduit.receiveFile({ timeoutMs: 5_000 });
    try {
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } finally {
    conduit.close();
    helper.kill();
  }
}

app.whenReady().then(async () => {
  const text = await fileFromHelper();
  console.log(`received: ${text.trim()}`);
  const window = new BrowserWindow({ width: 480, height: 240 });
  await window.loadURL(`data:text/plain,${encodeURIComponent(text)}`);
});

app.on('window-all-closed', () => app.quit());
