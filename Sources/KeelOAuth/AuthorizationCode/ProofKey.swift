import KeelBase
import KeelCrypto

/// A proof key for one code (RFC 7636): who redeems the code shows the verifier of the challenge that asked for it.
package struct ProofKey: Sendable {
    /// 43 characters (section 4.1).
    package let verifier: Secret
    /// S256 (section 4.2), the only method that hides the verifier.
    package let challenge: String

    /// From 32 random bytes.
    package init(random: Secret) { self.init(verifier: Secret(copying: Base64.encode(random.reveal(), .url))) }

    init(verifier: Secret) {
        self.verifier = verifier
        challenge = Base64.text(SHA256Digest.bytes(of: verifier.reveal()), .url)
    }
}
