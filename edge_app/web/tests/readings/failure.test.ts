import { describe, expect, it, vi } from 'vitest';

import { ImageError } from '../../src/model/errors';
import { RecordError } from '../../src/model/records';
import { ClinicError, ClinicRefusal } from '../../src/readings/clinic';
import { failureOf } from '../../src/readings/failure';
import { PhoneError } from '../../src/readings/phone';
import { setLanguage } from '../../src/shared/language';

const slice = { name: 'a.dcm', source: new Blob() };

setLanguage('en');
vi.spyOn(console, 'error').mockImplementation(() => undefined);

describe('failureOf', () => {
  it.each([
    [new ClinicError('unreachable'), 'clinic', ['phone', 'clinic']],
    [new PhoneError('no answer'), 'phone', ['clinic']],
    [new ImageError('dicom_compressed', undefined, true), 'phone', ['clinic']],
    [new ImageError('dicom_compressed'), 'phone', []],
    [new ImageError('damaged'), 'phone', []],
    [new ClinicRefusal('damaged', 'a.dcm: damaged'), 'clinic', []],
    [new ClinicRefusal('busy', 'Otak is reading other pictures'), 'clinic', ['clinic']],
    [new RecordError('bundle.json'), 'phone', []],
  ] as const)('offers after %s at the %s what may help', (error, tried, places) => {
    const failure = failureOf(error, slice, tried);
    expect(failure.places).toEqual(places);
    expect(failure.tried).toBe(tried);
    expect(failure.text()).not.toBe('');
  });

  it('sends nobody to and fro', () => {
    const compressed = failureOf(new ImageError('dicom_compressed', undefined, true), slice, 'phone');
    const unreachable = failureOf(new ClinicError('unreachable'), compressed.slice, 'clinic');
    expect(unreachable.places).toEqual(['clinic']);
    expect(unreachable.text()).toContain("this device can't read the picture");
    expect(unreachable.slice.source).toBe(slice.source);
  });
});
