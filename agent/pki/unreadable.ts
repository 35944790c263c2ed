/**
 * The one error of this folder: text that is not what it should be.
 *
 * **Invariant:** the message never quotes the text; a private key may have been put there by mistake.
 */
import { RotatorError } from '../model/errors.ts';

/** Text that holds no readable PEM, certificate or key. Kind `refused`: trying again with the same text doesn't help. */
export class UnreadablePki extends RotatorError {
  constructor(what: string, next = 'Put PEM text there that `openssl x509 -noout -text` can read.') {
    super('refused', { what, effect: 'Nothing of it is used.', next });
    this.name = 'UnreadablePki';
  }
}
