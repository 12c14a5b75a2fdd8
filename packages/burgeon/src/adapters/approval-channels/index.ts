import type { AdapterList, ApprovalChannelAdapter } from '@burgeon/kit';

/** The approval channels. Each entry opens a channel with what the root hands down. */
export const approvalChannels: AdapterList<ApprovalChannelAdapter> = {
  terminal: async () => (await import('./terminal.ts')).terminal,
  totp: async () => (await import('./totp.ts')).totp,
};
