// In the window: says that it is there, and calls the main process again and again when asked.
const { ipcRenderer } = require('electron');

ipcRenderer.send('hello');
ipcRenderer.on('start', () => {
  let ticks = 0;
  const timer = setInterval(() => {
    ipcRenderer.send('tick');
    ticks += 1;
    if (ticks === 20) {
      clearInterval(timer);
    }
  }, 10);
});
