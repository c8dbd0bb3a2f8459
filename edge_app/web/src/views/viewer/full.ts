/** A figure that fills the screen; where a browser can't give that, as on an iPhone, the window. */

let leave: (() => void) | undefined;

// The browser's own way out, and the way back to what was shown before.
document.addEventListener('fullscreenchange', () => {
  if (!document.fullscreenElement) {
    leave?.();
  }
});
document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') {
    leave?.();
  }
});
window.addEventListener('popstate', () => {
  leave?.();
});

/**
 * Lets a figure fill the screen.
 *
 * @param left Called when the user has had enough of that.
 */
export function fill(figure: HTMLElement, left: () => void): void {
  leave = left;
  figure.classList.add('full');
  document.documentElement.classList.add('filled');
  shutOthers(figure, true);
  // The whole page, since the figure is made anew with every slice.
  if (!document.fullscreenElement && 'requestFullscreen' in document.documentElement) {
    document.documentElement.requestFullscreen().catch(() => undefined);
  }
}

export function shrink(figure: HTMLElement): void {
  leave = undefined;
  figure.classList.remove('full');
  document.documentElement.classList.remove('filled');
  shutOthers(figure, false);
  if (document.fullscreenElement) {
    document.exitFullscreen().catch(() => undefined);
  }
}

/** What lies beneath can't be reached, but for the line that tells what is going on. */
function shutOthers(figure: HTMLElement, shut: boolean): void {
  for (let each = figure; each.parentElement && each !== document.body; each = each.parentElement) {
    for (const other of each.parentElement.children) {
      if (other !== each && other instanceof HTMLElement && other.role !== 'status') {
        other.inert = shut;
      }
    }
  }
}
