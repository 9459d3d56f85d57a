import KeelBase
import Synchronization

/// Looks at what every assertion must hold (RFC 7523 section 3).
final class AssertionJudge: Sendable {
    /// Seconds by which another clock may be off.
    private static let leeway: Int64 = 5

    private let time: any TimeSource
    /// Issuer and `jti` of those that were taken, with the moment at which they end by themselves.
    private let seen = Mutex<[String: Int64]>([:])

    init(time: any TimeSource) { self.time = time }

    /// Throws what is wrong, as an error of this code. An assertion that passes cannot pass again.
    func check(
        _ assertion: SignedAssertion, keys: [SandboxKey], audiences: [String], longest: Int64, code: OAuthRefusal.Code
    ) throws(OAuthRefusal) {
        guard assertion.isSigned(byOneOf: keys) else {
            throw OAuthRefusal(code, "the assertion is not signed by a registered key")
        }
        guard assertion.audiences.contains(where: audiences.contains) else {
            throw OAuthRefusal(code, "the assertion is for somebody else")
        }
        let now = time.now.seconds
        guard let expiry = assertion.claims["exp"]?.integer.map(Int64.init), expiry > now else {
            throw OAuthRefusal(code, "the assertion has expired")
        }
        let made = assertion.claims["iat"]?.integer.map(Int64.init) ?? now
        guard expiry - made <= longest, expiry - now <= longest + Self.leeway else {
            throw OAuthRefusal(code, "the assertion holds for too long")
        }
        let start = assertion.claims["nbf"]?.integer.map(Int64.init) ?? made
        guard made <= now + Self.leeway, start <= now + Self.leeway else {
            throw OAuthRefusal(code, "the assertion is from the future")
        }
        guard let name = assertion.claims["jti"]?.string, let issuer = assertion.claims["iss"]?.string else { return }
        let isNew = seen.withLock { seen in
            seen = seen.filter { $0.value > now }
            return seen.updateValue(expiry, forKey: issuer + " " + name) == nil
        }
        guard isNew else { throw OAuthRefusal(code, "the assertion was used before") }
    }
}
