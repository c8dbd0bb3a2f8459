/** Begins: unpacks what a single file brings, draws the page, and gets the model ready. */

import { bring, isSingle, unpack } from '../shared/files';
import { supersede, unlessSuperseded } from '../readings/case';
import { warmUp } from '../readings/phone';
import { applyTheme, place } from '../shared/choices';
import { onLanguage, say } from '../shared/language';
import { readFiles, restore } from './actions';
import { current, onBack } from './entries';
import { draw, root, translate } from './page';
import { change, onChange } from './state';
import { status, tell } from './status';
import { keepOffline } from './updates';

function acceptDrops(): void {
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    readFiles(event.dataTransfer?.files ?? []);
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
document.body.append(root, status);
onChange(draw);
onLanguage(translate);
draw();
onBack((entry) => void restore(entry));
acceptDrops();
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
