import type { ApprovalRequest } from '../approval/request.ts';
import type { VersionRecord } from '../registry/records.ts';
import { dropConnection, withConnection } from './connection.ts';
import type { PipelineContext } from './context.ts';

type Context = Pick<PipelineContext, 'registry' | 'vault'>;

/** Last stage: an approved version becomes the active one, signed, in one transaction with its audit entry. */
export const release = (context: Context, request: ApprovalRequest): Promise<VersionRecord> => {
  const version = { id: request.module, version: request.version };
  return withConnection(context, version.id, () => context.registry.activate(version, { ...request, request: request.id }));
};

/** A rejected version is closed; what was active before stays active. */
export const withdraw = async (context: Context, request: ApprovalRequest): Promise<VersionRecord> => {
  const version = { id: request.module, version: request.version };
  const closed = await context.registry.reject(version, request.reason);
  await dropConnection(context, version);
  return closed;
};
