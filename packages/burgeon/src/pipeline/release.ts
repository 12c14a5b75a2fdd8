import type { ApprovalRequest } from '../approval/request.ts';
import type { VersionRecord } from '../registry/records.ts';
import type { PipelineContext } from './context.ts';

/** Last stage: an approved version becomes the active one, signed, in one transaction with its audit entry. */
export const release = (context: Pick<PipelineContext, 'registry'>, request: ApprovalRequest): Promise<VersionRecord> =>
  context.registry.activate({ id: request.module, version: request.version }, { ...request, request: request.id });

/** A rejected version is closed; what was active before stays active. */
export const withdraw = (context: Pick<PipelineContext, 'registry'>, request: ApprovalRequest): Promise<VersionRecord> =>
  context.registry.reject({ id: request.module, version: request.version });
