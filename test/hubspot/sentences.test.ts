/** HubSpot's sentences without the values in them. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { refusedProperties, withoutValues } from '../../src/hubspot/sentences.ts';

describe('a sentence', () => {
  it.each([
    [
      'Duplicate IDs found in batch input: [1, 2]. IDs must be unique',
      'Duplicate IDs found in batch input …',
    ],
    ['Property values were not valid: {"email": "contact"}', 'Property values were not valid …'],
    ['Property "contact" is required', 'Property … is required'],
    ['You have reached your daily limit.', 'You have reached your daily limit.'],
    ['jane@example.com', ''],
    ['', ''],
  ])('%s → %s', (message, kept) => {
    expect(withoutValues(message)).toBe(kept);
  });

  it('is never long', () => {
    expect(withoutValues('the contact was not found '.repeat(50)).length).toBeLessThanOrEqual(160);
  });

  test.prop([fc.emailAddress(), fc.constantFrom(' ', ': ', ' "', ' [', ' (', '\n')])(
    'holds no e-mail address, wherever it stands',
    (email, before) => {
      expect(withoutValues(`The value${before}${email} is not valid`)).not.toContain(email);
    },
  );
});

describe('refused properties', () => {
  it('are read out of the JSON inside a message, codes and names alone', () => {
    const details = [
      { isValid: false, message: 'Jane is bad', error: 'INVALID_OPTION', name: 'handoff_status' },
      { error: 'READ_ONLY_VALUE' },
      { name: 'jane', error: 'not a code' },
    ];

    expect(refusedProperties(`Property values were not valid: ${JSON.stringify(details)}`)).toEqual([
      'INVALID_OPTION handoff_status',
      'READ_ONLY_VALUE',
    ]);
  });
});
