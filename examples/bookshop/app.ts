import { getPetById } from 'burgeon:api/petstore';
import { listBestsellers } from 'burgeon:db/bookshop';

const pet = await getPetById({ petId: 77 });
const { items } = await listBestsellers({ limit: 3 });
process.stdout.write(`pet 77 is ${pet.name}; best sellers: ${items.map((book) => book.title).join(', ')}\n`);
