import { type ApprovalChannel, type ApprovalChannelAdapter, BurgeonError, type ApprovalChannelContext } from '@burgeon/kit';
import { Secret, TOTP } from 'otpauth';
import { normaliseCode } from '../../security/codes.ts';

/** Name of the secret in the vault: base32, without padding. */
export const totpSecretName = 'approval/totp/secret';

const period = 30;
const table = 'approval-totp';

/** A fresh secret (160 bits, base32) and the `otpauth://` address that an authenticator app reads as a picture. @see RFC 4226 section 4 */
export const newTotpSecret = (account: string): { secret: string; url: string } => {
  const secret = new Secret({ size: 20 });
  return { secret: secret.base32, url: generator(secret.base32, account).toString() };
};

/**
 * Asks an authenticator app. A time step counts once, for whatever request: the last one that was accepted is kept, and neither it nor
 * an earlier one is accepted again. @see RFC 6238 section 5.2
 */
export const createTotp = (context: Pick<ApprovalChannelContext, 'clock' | 'store' | 'secret'>): ApprovalChannel => ({
  name: 'totp',
  class: 'authenticator',
  ready: async () => (await context.secret(totpSecretName)) !== undefined,
  ask: async () => ({}),
  verify: async (_question, code) => {
    const secret = await context.secret(totpSecretName);
    if (secret === undefined) throw notSetUp();
    const now = Math.floor(context.clock.now() / 1_000 / period);
    const token = normaliseCode(code);
    if (!/^\d{6}$/.test(token)) return false;
    const delta = generator(secret, 'owner').validate({ token, timestamp: now * period * 1_000, window: 1 });
    return delta !== null && useStep(context, now + delta);
  },
  withdraw: async () => {},
});

/** The authenticator as an approval channel. */
export const totp: ApprovalChannelAdapter = { name: 'totp', open: (context) => createTotp(context) };

const generator = (secret: string, label: string): TOTP =>
  new TOTP({ issuer: 'Burgeon', label, algorithm: 'SHA1', digits: 6, period, secret: Secret.fromBase32(secret) });

/** Marks a time step as used; false when it, or a later one, was used before. Two answers at once: one of them loses. */
const useStep = async ({ store }: Pick<ApprovalChannelContext, 'store'>, step: number): Promise<boolean> => {
  const record = await store.get(table, 'last');
  if (typeof record?.value['step'] === 'number' && record.value['step'] >= step) return false;
  try {
    await store.transact([{ kind: 'put', table, id: 'last', rev: record?.rev ?? 0, value: { step } }]);
    return true;
  } catch (error) {
    if (BurgeonError.is(error) && error.code === 'CONFLICT') return false;
    throw error;
  }
};

const notSetUp = (): BurgeonError =>
  new BurgeonError('SECRET_MISSING', { message: 'No authenticator is set up.', hint: 'Run burgeon init --totp.' });
