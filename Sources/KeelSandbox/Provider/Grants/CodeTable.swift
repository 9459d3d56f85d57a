import KeelBase
import KeelCrypto
import Synchronization

/// The authorization codes (RFC 6749 section 4.1.2): short-lived, for one use.
final class CodeTable: Sendable {
    /// A code and what it stands for.
    struct Code: Sendable {
        let consent: Consent
        let redirectURI: String
        /// Whether the request named it, so that the token request must (RFC 6749 section 4.1.3).
        let namesRedirectURI: Bool
        /// S256 (RFC 7636 section 4.2).
        let challenge: String?
        /// The family of what it was redeemed for.
        let family: Int
        let expiresAt: Timestamp
        var isUsed = false
    }

    enum Outcome {
        case good(Code)
        /// Somebody used it before.
        case reused(Code)
        case refused(reason: String)
    }

    private let lifetime: Int
    private let time: any TimeSource
    /// By digest.
    private let codes = Mutex<[[UInt8]: Code]>([:])

    init(lifetime: Int, time: any TimeSource) {
        self.lifetime = lifetime
        self.time = time
    }

    func issue(
        for consent: Consent, redirectURI: String, namesRedirectURI: Bool, challenge: String?, family: Int
    ) -> String {
        let opaque = OpaqueToken()
        let code = Code(
            consent: consent, redirectURI: redirectURI, namesRedirectURI: namesRedirectURI, challenge: challenge,
            family: family, expiresAt: time.now.adding(seconds: Int64(lifetime)))
        codes.withLock { $0[opaque.digest] = code }
        return opaque.text
    }

    /// Takes a code from a client with what it must show beside it; a code that fits is used up.
    func redeem(_ text: String, by client: SandboxClient, redirectURI: String?, verifier: String?) -> Outcome {
        let digest = OpaqueToken.digest(of: text)
        let now = time.now
        return codes.withLock { codes in
            guard let code = codes[digest] else { return .refused(reason: "unknown_code") }
            guard code.consent.client.id == client.id else { return .refused(reason: "code_of_another_client") }
            guard !code.isUsed else { return .reused(code) }
            guard code.expiresAt > now else { return .refused(reason: "code_expired") }
            guard redirectURI == code.redirectURI || (redirectURI == nil && !code.namesRedirectURI) else {
                return .refused(reason: "redirect_uri_differs")
            }
            guard Self.fits(verifier, code.challenge) else { return .refused(reason: "code_verifier_differs") }
            codes[digest]?.isUsed = true
            return .good(code)
        }
    }

    /// RFC 7636 section 4.6; a verifier without a challenge is no less wrong (RFC 9700 section 2.1.1).
    private static func fits(_ verifier: String?, _ challenge: String?) -> Bool {
        guard let challenge else { return verifier == nil }
        guard let verifier, (43...128).contains(verifier.utf8.count), verifier.utf8.allSatisfy(isUnreserved) else {
            return false
        }
        return Base64.text(SHA256Digest.bytes(of: Array(verifier.utf8)), .url) == challenge
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~".utf8.contains(byte)
        }
    }
}
