import type { Interface, Operation } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { operation as plain } from './fixtures/operation.ts';
import { stem, wordsIn } from './search-words.ts';
import { searchOperations } from './search.ts';

const operation = (id: string, summary: string, more: Partial<Operation> = {}): Operation => plain(id, { summary, ...more });

const described = (operations: Operation[]): Interface => ({ operations }) as unknown as Interface;

const shop = described([
  operation('petstore.getPetById', 'Find a pet by its number', { tags: ['pets'] }),
  operation('petstore.listPets', 'All pets', { tags: ['pets'] }),
  operation('petstore.addPet', 'Add a pet to the store', { effect: 'write', tags: ['pets'] }),
  operation('petstore.deletePet', 'Deletes a pet', { effect: 'delete', tags: ['pets'] }),
  operation('petstore.updatePetWithForm', 'Updates a pet with form data', { effect: 'write' }),
  operation('mail.messages.send', 'Sends a message', {
    effect: 'write',
    input: { type: 'object', properties: { recipient: true } },
  }),
  operation('repos.createIssue', 'Create an issue', {
    effect: 'write',
    description: 'Any user with pull access can open a ticket.',
  }),
  operation('users.getAuthenticated', 'Get the authenticated user'),
  operation('orders.cancelOrder', 'Cancel an order', { effect: 'write' }),
]);

describe('searchOperations', () => {
  it.each([
    ['get a pet', 'petstore.getPetById'],
    ['list all the pets please', 'petstore.listPets'],
    ['create new pet', 'petstore.addPet'],
    ['remove pets', 'petstore.deletePet'],
    ['editing a pet', 'petstore.updatePetWithForm'],
    ['deliver a message to a recipient', 'mail.messages.send'],
    ['make a new ticket', 'repos.createIssue'],
    ['fetch account', 'users.getAuthenticated'],
    ['abort purchases', 'orders.cancelOrder'],
    ['authent', 'users.getAuthenticated'],
    ['petstore.getPetById', 'petstore.getPetById'],
  ])('"%s" finds %s first', (query, id) => {
    expect(searchOperations(shop, query, 3)[0]?.operation.id).toBe(id);
  });

  it('gives at most what is asked for, best first, always in the same order', () => {
    const hits = searchOperations(shop, 'pet', 3);
    expect(hits).toHaveLength(3);
    expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).toSorted((a, b) => b - a));
    expect(searchOperations(shop, 'pet', 3)).toEqual(hits);
  });

  it.each(['', '   ', '!?', 'zzzzqq', 'zz', 'the of a'])('finds nothing for %j', (query) => {
    expect(searchOperations(shop, query, 5)).toEqual([]);
  });

  it('bears an interface without operations and hostile names', () => {
    expect(searchOperations(described([]), 'pet')).toEqual([]);
    const hostile = described([
      operation('constructor', '__proto__ toString'),
      operation('x'.repeat(50_000), 'a'.repeat(50_000)),
    ]);
    expect(searchOperations(hostile, 'constructor __proto__')[0]?.operation.id).toBe('constructor');
  });
});

describe('words', () => {
  it.each([
    ['companies', 'company'],
    ['boxes', 'box'],
    ['statuses', 'status'],
    ['status', 'status'],
    ['pets', 'pet'],
    ['address', 'address'],
    ['creating', 'create'],
    ['stopped', 'stop'],
    ['calling', 'call'],
    ['being', 'being'],
    ['string', 'string'],
    ['id', 'id'],
  ])('%s is stemmed to %s', (word, expected) => expect(stem(word)).toBe(expected));
  it('takes names apart', () => expect(wordsIn('getHTTPServers_v2 Größe')).toEqual(['get', 'http', 'server', 'v2', 'große']));
});
