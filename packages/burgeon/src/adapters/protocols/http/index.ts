import { type Protocol, defineProtocol } from '@burgeon/kit';
import { connect } from './connect.ts';
import { expose } from './expose.ts';

/** HTTP, in both directions: `connect` calls an interface, `expose` stands one up. */
export const http: Protocol & Required<Pick<Protocol, 'connect' | 'expose'>> = defineProtocol({
  name: 'http',
  schemes: ['http', 'https'],
  connect,
  expose,
});
