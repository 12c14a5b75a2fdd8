import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';

describe('nearest', () => {
  it.each([
    ['getPetByID', ['getPetById', 'addPet'], 'getPetById'],
    ['listPet', ['listPets', 'getPet'], 'listPets'],
    ['petstor', ['petstore'], 'petstore'],
    ['zzzzzz', ['petstore', 'addPet'], undefined],
    ['anything', [], undefined],
  ])('%s among %j is %s', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });

  it('prefers the closest of several', () => {
    expect(nearest('addPets', ['addPest', 'addPet', 'addPetss'])).toBe('addPet');
  });
});
