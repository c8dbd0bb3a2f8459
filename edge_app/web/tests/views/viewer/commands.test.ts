import { expect, test } from 'vitest';
import { changesBy } from '../../../src/views/viewer/commands';
import { MAX_ZOOM, WHOLE } from '../../../src/views/viewer/geometry';
import { settingOf, strengthOf, type Setting } from '../../../src/views/viewer/setting';
import { reading } from '../../readings/samples';

const ROOM = { width: 1, height: 1 };

function fresh(): Setting {
  return structuredClone(settingOf(String(Math.random())));
}

function after(...commands: Parameters<typeof changesBy>[0][]): Setting {
  const setting = fresh();
  for (const command of commands) {
    Object.assign(setting, changesBy(command, setting, ROOM));
  }
  return setting;
}

test('closer and farther lead back to the whole picture', () => {
  expect(after('closer').view.zoom).toBeGreaterThan(1);
  expect(after('closer', 'farther', 'farther').view).toEqual(WHOLE);
  expect(after('closer', 'closer', 'whole').view).toEqual(WHOLE);
  expect(after(...Array.from({ length: 99 }, () => 'closer' as const)).view.zoom).toBe(MAX_ZOOM);
});

test('arrow keys are the page’s until there is something to move', () => {
  expect(changesBy('left', fresh(), ROOM)).toBeUndefined();
  expect(after('closer', 'closer', 'right').view.x).toBeLessThan(0);
  expect(after('closer', 'closer', 'down').view.y).toBeLessThan(0);
});

test('presets and inverting change the window alone', () => {
  const { windowing, view } = after('full range', 'invert');
  expect(windowing).toEqual({ window: 'full', inverted: true });
  expect(view).toEqual(WHOLE);
  expect(after('robust', 'own', 'invert', 'invert').windowing).toEqual({ window: 'own', inverted: false });
});

test('how a case is looked at ends with it', () => {
  settingOf('one').more = true;
  expect(settingOf('one').more).toBe(true);
  expect(settingOf('other').more).toBe(false);
  expect(settingOf('one').more).toBe(false);
});

test('the heat is off where no tumour is seen, slice by slice, until it is switched on', () => {
  const setting = fresh();
  const tumour = reading({ id: '1', label: 'glioma' });
  const none = reading({ id: '2', label: 'no_tumor' });
  setting.strengths.set(tumour.id, 80);
  expect([strengthOf(tumour, setting), strengthOf(none, setting)]).toEqual([80, 0]);
  setting.strengths.set(none.id, 30);
  expect(strengthOf(none, setting)).toBe(30);
});
