import { type Protocol, defineProtocol } from '@burgeon/kit';
import { connect } from './connect.ts';

/** HTTP, in both directions: `connect` calls an interface, `expose` stands one up. */
export const http: Protocol = defineProtocol({ name: 'http', schemes: ['http', 'https'], connect });
