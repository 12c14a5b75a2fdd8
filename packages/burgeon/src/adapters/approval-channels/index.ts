import type { AdapterList, ApprovalChannelAdapter } from '@burgeon/kit';

/** The approval channels. Each entry opens a channel with what the root hands down. */
export const approvalChannels: AdapterList<ApprovalChannelAdapter> = {
  terminal: async () => (await import('./terminal.ts')).terminal,
  totp: async () => (await import('./totp.ts')).totp,
  email: async () => (await import('./email/index.ts')).email,
  webhook: async () => (await import('./webhook/index.ts')).webhook,
  web: async () => (await import('./web/index.ts')).web,
  passkey: async () => (await import('./passkey/index.ts')).passkey,
};
