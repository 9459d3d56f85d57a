import KeelBase
import KeelCrypto
import KeelState

/// Makes keyed fingerprints, which tell whether a secret changed to whoever holds the key and nothing to anybody else.
struct SecretFingerprints: Sendable {
    private let key: Secret
    private let identifier: String

    init(key: Secret) {
        self.key = key
        identifier = KeyIdentifier(of: key).description
    }

    func fingerprint(of secret: Secret) -> Fingerprint {
        Fingerprint(key: identifier, code: Hexadecimal.text(MessageAuthentication.code(for: secret, key: key)))
    }
}
