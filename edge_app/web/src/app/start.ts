/** Begins: unpacks what a single file brings, draws the page, and gets the model ready. */

import { bring, isSingle, unpack } from '../shared/files';
import { supersede, unlessSuperseded } from '../readings/case';
import { onProgress, warmUp } from '../readings/phone';
import { applyTheme, place } from '../shared/choices';
import { onLanguage, say } from '../shared/language';
import { watchInstallation } from '../views/keep';
import { restore } from './actions';
import { openDoors } from './doors';
import { current, onBack } from './entries';
import { draw, drawSlice, printReports, root, translate } from './page';
import { change, onChange } from './state';
import { showDownload, status, tell } from './status';
import { undoBar } from './undo';
import { keepOffline } from './updates';
import { keepOnLeaving } from './written';

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
onLanguage(translate);
draw();
onBack((entry) => void restore(entry));
openDoors();
watchInstallation();
onProgress(showDownload);
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
