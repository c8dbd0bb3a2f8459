/** Begins: unpacks what a single file brings, draws the page, and gets the model ready. */

import { bring, isSingle, unpack } from '../shared/files';
import { supersede, unlessSuperseded } from '../readings/case';
import { dropped } from '../readings/chosen';
import { warmUp } from '../readings/phone';
import { applyTheme, place } from '../shared/choices';
import { say } from '../shared/language';
import { readChosen, restore } from './actions';
import { current, onBack } from './entries';
import { draw, drawSlice, printReports, root } from './page';
import { change, onChange } from './state';
import { status, tell } from './status';
import { undoBar } from './undo';
import { keepOffline } from './updates';
import { keepOnLeaving } from './written';

function acceptDrops(): void {
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    const chosen = event.dataTransfer && dropped(event.dataTransfer);
    if (chosen) {
      readChosen(chosen);
    }
  });
}

function getReady(): void {
  const signal = supersede();
  tell(say('app.loading'), true);
  warmUp().then(
    unlessSuperseded(signal, () => {
      tell(say('app.ready'));
    }),
    // It is tried again with the first picture, and told then.
    unlessSuperseded(signal, () => {
      tell('');
    }),
  );
}

bring(await unpack());
applyTheme();
document.body.append(root, undoBar, status);
onChange(draw, drawSlice);
draw();
onBack((entry) => void restore(entry));
acceptDrops();
keepOnLeaving();
printReports();
if (!isSingle()) {
  keepOffline((update) => {
    change({ update });
  });
}
if (place() === 'phone') {
  getReady();
}
const entry = current();
// Loaded again.
if (entry.view !== 'read' || entry.opened) {
  void restore(entry);
}
