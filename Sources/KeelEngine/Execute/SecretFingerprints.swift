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

    /// What stands for a credential in a transcript: the beginning of its fingerprint, which tells two apart.
    var transcriptMark: @Sendable (Secret) -> String { { String(fingerprint(of: $0).code.prefix(16)) } }
}
