import KeelBase

/// The error that a mechanism carries beside the protocol's answer.
///
/// Bearer mechanisms send JSON as a challenge (RFC 7628 section 3.2.2), SCRAM a word (RFC 5802 section 7). Every
/// member is the server's word, cleaned.
package struct MechanismError: Sendable, Hashable, CustomStringConvertible {
    /// With XOAUTH2 an HTTP status in digits (`400`, `401`), else a word (`invalid_token`).
    package let status: ForeignText?
    package let schemes: ForeignText?
    /// The scope that the server would want.
    package let scope: ForeignText?
    /// Where the server's provider describes itself.
    package let configuration: ForeignText?

    /// Reads the JSON of a challenge; nil if it is none.
    init?(json bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), json.members != nil else { return nil }
        status = Self.word(json["status"])
        schemes = Self.word(json["schemes"])
        scope = Self.word(json["scope"])
        configuration = Self.word(json["openid-configuration"])
    }

    /// SCRAM's `e=`.
    init(word: some Sequence<UInt8>) {
        status = ForeignText(word)
        schemes = nil
        scope = nil
        configuration = nil
    }

    /// The members that are there: `status 401, schemes bearer, scope mail`.
    package var description: String {
        let members = [
            ("status", status), ("schemes", schemes), ("scope", scope), ("openid-configuration", configuration),
        ]
        return members.compactMap { name, word in word.map { "\(name) \($0)" } }.joined(separator: ", ")
    }

    private static func word(_ value: JSON?) -> ForeignText? {
        switch value {
        case .string(let text)? where !text.isEmpty: ForeignText(text)
        case .integer(let number)?: ForeignText(String(number))
        default: nil
        }
    }
}
