import KeelBase
import KeelCrypto

/// The claims that both uses of an assertion share (RFC 7523 section 3).
struct AssertionClaims {
    /// How far back an assertion says that it was made, in seconds: a server whose clock is behind ours must not take it
    /// for one from the future.
    static let backdating: Int64 = 60

    let issuer: String
    let subject: String
    let audience: String
    /// In seconds from now.
    let lifetime: Int64
    var scopes: [String] = []
    let now: Timestamp

    /// Each time with another `jti`: servers refuse one that they have seen.
    var json: JSON {
        let made = JSON.integer(Int(now.adding(seconds: -Self.backdating).seconds))
        return .present(
            ("iss", .string(issuer)), ("sub", .string(subject)), ("aud", .string(audience)),
            ("jti", .string(RandomIdentifier.uuid())), ("iat", made), ("nbf", made),
            ("exp", .integer(Int(now.adding(seconds: lifetime).seconds))),
            ("scope", scopes.isEmpty ? nil : .string(scopes.joined(separator: " "))))
    }
}
